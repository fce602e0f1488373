import type { ReactNode } from 'react';
import { LogoMark } from './Logo';
import classes from './Message.module.css';

export interface MessageProps {
  title: string;
  text?: string;
  children?: ReactNode;
}

/** One thing to say in the middle of a page, and what to do about it. */
export function Message({ title, text, children }: MessageProps) {
  return (
    <section className={classes.message}>
      <LogoMark size={56} />
      <h1 className={classes.title}>{title}</h1>
      {text ? <p className={classes.text}>{text}</p> : null}
      <div className={classes.actions}>{children}</div>
    </section>
  );
}
