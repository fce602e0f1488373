import type { ReactNode } from 'react';
import { Link } from '../app/navigation';
import { AppearanceBar } from './AppearanceBar';
import { Logo } from './Logo';
import classes from './PageFrame.module.css';

/** The pages around the meeting: brand and appearance above, the matter in the middle. */
export function PageFrame({ children }: { children: ReactNode }) {
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Link to="/" className={classes.brand}>
          <Logo />
        </Link>
        <AppearanceBar />
      </header>
      <main className={classes.main}>{children}</main>
    </div>
  );
}
