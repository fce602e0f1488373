import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IconCheck, IconLink } from './icons';
import { useCopyLink } from './use-copy-link';

/** The invitation: the link to this page, on the clipboard. */
export function CopyLink({ variant = 'default' }: { variant?: 'default' | 'filled' }) {
  const { t } = useTranslation();
  const { state, copy } = useCopyLink();
  const Icon = state === 'copied' ? IconCheck : IconLink;
  return (
    <>
      <Button variant={variant} leftSection={<Icon size={18} />} onClick={copy}>
        {state === 'copied' ? t('prejoin.link_copied') : t('prejoin.copy_link')}
      </Button>
      <span role="status" className={state === 'failed' ? undefined : 'vis-hidden'}>
        {state === 'copied' ? t('prejoin.link_copied') : null}
        {state === 'failed' ? t('prejoin.copy_failed') : null}
      </span>
    </>
  );
}
