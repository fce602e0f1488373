import { colourOf, initialsOf } from '../model/person';
import classes from './Avatar.module.css';

export interface AvatarProps {
  name: string;
  identity: string;
  /** In pixels, or as wide as a share of the container. */
  size: number | string;
}

export function Avatar({ name, identity, size }: AvatarProps) {
  return (
    <span
      className={classes.avatar}
      data-colour={colourOf(identity)}
      style={{ '--avatar-size': typeof size === 'number' ? `${size}px` : size }}
      aria-hidden="true"
    >
      {initialsOf(name)}
    </span>
  );
}
