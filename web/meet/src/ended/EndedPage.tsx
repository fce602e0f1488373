import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from '../app/navigation';
import { type EndReason, mayRejoin } from '../model/problems';
import { Message } from '../ui/Message';
import { PageFrame } from '../ui/PageFrame';

export interface EndedPageProps {
  reason: EndReason;
  onRejoin: () => void;
}

/** After the meeting: why it ended for this person, and the way back. */
export function EndedPage({ reason, onRejoin }: EndedPageProps) {
  const { t } = useTranslation();
  return (
    <PageFrame>
      <Message title={t(`ended.${reason}`)} text={t(`ended.note.${reason}`)}>
        {mayRejoin(reason) ? (
          <Button size="md" onClick={onRejoin} autoFocus>
            {t('ended.rejoin')}
          </Button>
        ) : null}
        <Link to="/">{t('action.home')}</Link>
      </Message>
    </PageFrame>
  );
}
