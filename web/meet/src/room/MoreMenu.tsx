import { Menu } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import {
  IconDots,
  IconEye,
  IconEyeOff,
  IconKeyboard,
  IconLayoutGrid,
  IconLink,
  IconScreenShare,
  IconScreenShareOff,
  IconSettings,
  IconUserSquare,
} from '../ui/icons';
import round from '../ui/RoundButton.module.css';
import { useCopyLink } from '../ui/use-copy-link';
import type { ControlBarProps } from './ControlBar';

/** Whatever is needed less often, and on a phone what finds no place in the bar. */
export function MoreMenu(props: ControlBarProps) {
  const { t } = useTranslation();
  const { copy } = useCopyLink();
  const narrow = useMediaQuery('(max-width: 560px)');
  const { hideSelfView } = props;
  return (
    <Menu position="top" radius="lg" width={264} withinPortal withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button
          type="button"
          className={round.button}
          data-look="plain"
          aria-label={t('control.more')}
          title={t('control.more')}
          style={{ border: 0 }}
        >
          <IconDots aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {narrow ? <NarrowItems {...props} /> : null}
        <Menu.Item leftSection={<IconLink size={18} />} onClick={copy}>
          {t('prejoin.copy_link')}
        </Menu.Item>
        <Menu.Item
          leftSection={hideSelfView ? <IconEye size={18} /> : <IconEyeOff size={18} />}
          onClick={() => props.onHideSelfView(!hideSelfView)}
        >
          {t(hideSelfView ? 'control.show_self' : 'control.hide_self')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={18} />} onClick={() => props.onAction('help')}>
          {t('control.shortcuts')}
        </Menu.Item>
        <Menu.Item leftSection={<IconSettings size={18} />} onClick={props.onSettings}>
          {t('control.settings')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function NarrowItems({ canShare, sharing, view, onAction }: ControlBarProps) {
  const { t } = useTranslation();
  return (
    <>
      {canShare ? (
        <Menu.Item
          leftSection={sharing ? <IconScreenShareOff size={18} /> : <IconScreenShare size={18} />}
          onClick={() => onAction('share')}
        >
          {t(sharing ? 'control.share_on' : 'control.share_off')}
        </Menu.Item>
      ) : null}
      <Menu.Item
        leftSection={view === 'grid' ? <IconUserSquare size={18} /> : <IconLayoutGrid size={18} />}
        onClick={() => onAction('view')}
      >
        {t(view === 'grid' ? 'control.view_speaker' : 'control.view_grid')}
      </Menu.Item>
    </>
  );
}
