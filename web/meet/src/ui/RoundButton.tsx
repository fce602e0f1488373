import '@mantine/core/styles/Tooltip.layer.css';
import { Tooltip, UnstyledButton } from '@mantine/core';
import type { MouseEvent, ReactNode } from 'react';
import classes from './RoundButton.module.css';

export interface RoundButtonProps {
  label: string;
  /** Shown in the tooltip beside the label. */
  shortcut?: string | undefined;
  icon: ReactNode;
  /** `off`: a device that is switched off; `active`: something open or going on. */
  look?: 'plain' | 'off' | 'active' | 'danger';
  pressed?: boolean | undefined;
  expanded?: boolean | undefined;
  badge?: string | undefined;
  onClick: () => void;
}

/** A button of the control bar. Its state is told by shape and icon, not by colour alone. */
export function RoundButton(props: RoundButtonProps) {
  const { label, shortcut, icon, look = 'plain', badge } = props;
  return (
    <Tooltip
      label={shortcut ? `${label} (${shortcut})` : label}
      openDelay={400}
      events={{ hover: true, focus: true, touch: false }}
    >
      <UnstyledButton
        className={classes.button}
        data-look={look}
        aria-label={label}
        aria-pressed={props.pressed}
        aria-expanded={props.expanded}
        // A click by mouse leaves the focus where it was, so that Space goes on meaning "talk".
        onMouseDown={(event: MouseEvent) => event.preventDefault()}
        onClick={props.onClick}
      >
        {icon}
        {badge ? (
          <span className={classes.badge} aria-hidden="true">
            {badge}
          </span>
        ) : null}
      </UnstyledButton>
    </Tooltip>
  );
}
