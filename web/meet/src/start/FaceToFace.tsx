import classes from './FaceToFace.module.css';

/** Two people, each in a frame, turned to each other; a voice goes from one to the other. */
export function FaceToFace({ className }: { className?: string | undefined }) {
  return (
    <svg className={className} viewBox="0 0 560 340" aria-hidden="true" focusable="false">
      <g transform="translate(14 34) rotate(-4 120 120)">
        <FirstPerson />
      </g>
      <g className={classes.voice}>
        <path d="M267 154v22" />
        <path d="M281 140v50" />
        <path d="M295 150v30" />
      </g>
      <g transform="translate(310 62) rotate(5 118 118)">
        <SecondPerson />
      </g>
    </svg>
  );
}

function FirstPerson() {
  return (
    <>
      <rect width="240" height="240" rx="32" className={classes.frameOne} />
      <clipPath id="vis-frame-one">
        <rect width="240" height="240" rx="32" />
      </clipPath>
      <g clipPath="url(#vis-frame-one)">
        <path d="M98 140h44v50q-22 16-44 0z" className={classes.shadeOne} />
        <path d="M34 270c0-64 36-92 86-92s86 28 86 92z" className={classes.clothOne} />
        <circle cx="124" cy="112" r="50" className={classes.skinOne} />
        <path
          d="M72 114c-2-40 24-62 54-62 22 0 38 10 44 26-18 2-32-3-42-10-8 18-24 30-42 32-6 4-10 8-14 14z"
          className={classes.hairOne}
        />
        <circle cx="142" cy="114" r="4.5" className={classes.ink} />
        <circle cx="164" cy="113" r="4.5" className={classes.ink} />
        <path d="M140 134c8 8 18 8 24 0" className={classes.smile} />
      </g>
      <rect x="2" y="2" width="236" height="236" rx="30" className={classes.ring} />
    </>
  );
}

function SecondPerson() {
  return (
    <>
      <rect width="232" height="232" rx="32" className={classes.frameTwo} />
      <clipPath id="vis-frame-two">
        <rect width="232" height="232" rx="32" />
      </clipPath>
      <g clipPath="url(#vis-frame-two)">
        <path
          d="M58 196c-6-24-8-60-2-90 6-36 30-56 62-56s58 20 62 56c4 36 0 66-6 90z"
          className={classes.hairTwo}
        />
        <path d="M96 140h44v50q-22 16-44 0z" className={classes.shadeTwo} />
        <path d="M30 262c0-62 38-86 88-86s88 24 88 86z" className={classes.clothTwo} />
        <circle cx="114" cy="112" r="47" className={classes.skinTwo} />
        <path
          d="M66 104c16-4 40-18 52-38 10 16 26 28 46 34-2-34-24-48-46-48-30 0-50 20-52 52z"
          className={classes.hairTwo}
        />
        <circle cx="80" cy="116" r="4.5" className={classes.ink} />
        <circle cx="102" cy="117" r="4.5" className={classes.ink} />
        <path d="M80 136c6 8 16 8 24 1" className={classes.smile} />
      </g>
    </>
  );
}
