import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { barsOf, type QualityVerdict } from '../model/quality';
import classes from './QualityBars.module.css';

const BARS = [
  { level: 1, height: 5 },
  { level: 2, height: 9 },
  { level: 3, height: 13 },
] as const;

/** Three bars, a word as soon as something is wrong, and the cause on asking. */
export function QualityBars({ verdict }: { verdict: QualityVerdict }) {
  const { t } = useTranslation();
  const word = t(`quality.${verdict.level}`);
  const cause = verdict.cause ? t(`quality.cause.${verdict.cause}`) : undefined;
  const details = useDetails(verdict);
  const wordShown = verdict.level === 'poor' || verdict.level === 'lost';
  return (
    <Tooltip
      multiline
      maw={280}
      events={{ hover: true, focus: true, touch: true }}
      label={
        <span className={classes.tip}>
          <strong>{word}</strong>
          {cause ? <span>{cause}</span> : null}
          {details ? <span className={classes.details}>{details}</span> : null}
        </span>
      }
    >
      <button
        type="button"
        className={classes.quality}
        data-level={verdict.level}
        aria-label={[word, cause].filter(Boolean).join('. ')}
      >
        <svg width="17" height="14" viewBox="0 0 17 14" aria-hidden="true" focusable="false">
          {BARS.map(({ level, height }) => (
            <rect
              key={level}
              x={(level - 1) * 6}
              y={14 - height}
              width="4"
              height={height}
              rx="1.5"
              className={level <= barsOf(verdict.level) ? classes.full : classes.empty}
            />
          ))}
          {verdict.level === 'lost' ? <path d="M1 1l15 12" className={classes.slash} /> : null}
        </svg>
        {wordShown ? <span className={classes.word}>{word}</span> : null}
      </button>
    </Tooltip>
  );
}

function useDetails({ loss, roundTripMs }: QualityVerdict): string | undefined {
  const { t, i18n } = useTranslation();
  if (loss === undefined || roundTripMs === undefined) return undefined;
  const percent = new Intl.NumberFormat(i18n.language, {
    style: 'percent',
    maximumFractionDigits: 1,
  });
  const milliseconds = new Intl.NumberFormat(i18n.language, {
    style: 'unit',
    unit: 'millisecond',
  });
  return t('quality.details', {
    loss: percent.format(loss),
    time: milliseconds.format(roundTripMs),
  });
}
