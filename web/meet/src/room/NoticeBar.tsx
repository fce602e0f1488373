import { useMediaQuery } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { IconX } from '../ui/icons';
import classes from './NoticeBar.module.css';
import type { Notice } from './notices';

export interface NoticeBarProps {
  notice: Notice | undefined;
  onChooseMicrophone: () => void;
  onDismiss: () => void;
}

/** The region is always there, so that screen readers notice what appears in it. */
export function NoticeBar({ notice, onChooseMicrophone, onDismiss }: NoticeBarProps) {
  const { t } = useTranslation();
  const text = useNoticeText(notice);
  return (
    <div className={classes.region} role="status">
      {notice && text ? (
        <div className={classes.notice} data-kind={notice.kind}>
          <span>{text}</span>
          {notice.kind === 'dead_microphone' ? (
            <button type="button" className={classes.action} onClick={onChooseMicrophone}>
              {t('hint.choose_microphone')}
            </button>
          ) : null}
          {notice.kind === 'talking' ? null : (
            <button
              type="button"
              className={classes.close}
              aria-label={t('action.close')}
              onClick={onDismiss}
            >
              <IconX size={18} aria-hidden="true" />
            </button>
          )}
        </div>
      ) : null}
    </div>
  );
}

function useNoticeText(notice: Notice | undefined): string | undefined {
  const { t } = useTranslation();
  const touch = useMediaQuery('(hover: none)');
  if (!notice) return undefined;
  switch (notice.kind) {
    case 'muted_speech':
      return t(touch ? 'hint.muted_speech_touch' : 'hint.muted_speech');
    case 'dead_microphone':
      return t('hint.dead_microphone');
    case 'talking':
      return t('hint.talking');
    case 'restored':
      return t('connection.restored');
    case 'link_copied':
      return t('prejoin.link_copied');
    case 'device':
      if (notice.failure.source !== 'screen') {
        return t(`media_problem.${notice.failure.source}.${notice.failure.problem}`);
      }
      return notice.failure.problem === 'blocked_by_system'
        ? t('media_problem.screen.blocked_by_system')
        : t('media_problem.screen.unknown');
  }
}
