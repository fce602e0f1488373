import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Message } from '../ui/Message';
import { PageFrame } from '../ui/PageFrame';

/** Catches a part of the page that did not load, as happens when the site was updated meanwhile. */
export class LoadFailure extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <LoadFailurePage /> : this.props.children;
  }
}

function LoadFailurePage() {
  const { t } = useTranslation();
  return (
    <PageFrame>
      <Message title={t('load_failed.title')} text={t('load_failed.text')}>
        <Button onClick={() => window.location.reload()}>{t('load_failed.reload')}</Button>
      </Message>
    </PageFrame>
  );
}
