import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BrowserFamily } from '../model/browser';
import type { MediaProblem } from '../model/problems';
import type { LocalMediaState } from '../platform/local-media';
import { IconAlertTriangle, IconInfoCircle } from '../ui/icons';
import classes from './MediaHelp.module.css';

export interface MediaHelpProps {
  media: LocalMediaState;
  family: BrowserFamily;
  onRetry: () => void;
  onJoinWithout: () => void;
}

/** What stands between a person and their devices, and the way out, in the words of their browser. */
export function MediaHelp(props: MediaHelpProps) {
  const { media } = props;
  if (media.asking) return <Asking {...props} />;
  if (media.audio.problem || media.video.problem) return <Problems {...props} />;
  return null;
}

function Asking({ media, family, onJoinWithout }: MediaHelpProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.help} role="status">
      <IconInfoCircle className={classes.icon} size={22} />
      <div className={classes.words}>
        <strong>
          {media.unanswered ? t('permission.unanswered_title') : t('permission.asking_title')}
        </strong>
        <p>{media.unanswered ? t('permission.unanswered_text') : t('permission.asking_text')}</p>
        {media.unanswered ? <p>{t(`permission.steps.${family}`)}</p> : null}
        {media.unanswered ? <JoinWithout onClick={onJoinWithout} /> : null}
      </div>
    </div>
  );
}

function Problems({ media, family, onRetry, onJoinWithout }: MediaHelpProps) {
  const { t } = useTranslation();
  const { audio, video } = media;
  const needsSteps = [audio.problem, video.problem].some(isAboutPermission);
  return (
    <div className={classes.help} data-kind="problem" role="alert">
      <IconAlertTriangle className={classes.icon} size={22} />
      <div className={classes.words}>
        {audio.problem ? <strong>{t(`media_problem.audio.${audio.problem}`)}</strong> : null}
        {video.problem ? <strong>{t(`media_problem.video.${video.problem}`)}</strong> : null}
        {needsSteps ? <p>{t(`permission.steps.${family}`)}</p> : null}
        <div className={classes.actions}>
          <Button size="sm" variant="default" onClick={onRetry}>
            {t('action.try_again')}
          </Button>
          {audio.track || video.track ? null : <JoinWithout onClick={onJoinWithout} />}
        </div>
      </div>
    </div>
  );
}

function JoinWithout({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <Button size="sm" variant="default" onClick={onClick} title={t('prejoin.join_without_note')}>
      {t('prejoin.join_without')}
    </Button>
  );
}

function isAboutPermission(problem: MediaProblem | undefined): boolean {
  return problem === 'blocked' || problem === 'dismissed';
}
