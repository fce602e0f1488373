/** Two faces that look at each other, and the name. */
import classes from './Logo.module.css';

export function LogoMark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" className={classes.ground} />
      <path
        d="M6.5 8.3C6.5 7.6 7.1 7 7.8 7a7.4 9 0 0 1 0 18c-.7 0-1.3-.6-1.3-1.3z"
        className={classes.left}
      />
      <path
        d="M25.5 8.3c0-.7-.6-1.3-1.3-1.3a7.4 9 0 0 0 0 18c.7 0 1.3-.6 1.3-1.3z"
        className={classes.right}
      />
    </svg>
  );
}

export function Logo() {
  return (
    <span className={classes.logo}>
      <LogoMark />
      <span className={classes.word}>Visavis</span>
    </span>
  );
}
