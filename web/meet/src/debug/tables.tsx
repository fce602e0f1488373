import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Subscription, Track } from './api';
import classes from './DebugPage.module.css';
import { useFormat } from './use-format';

/** What may be wider than the screen, and is then moved by itself, by the keyboard too. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}

/** What somebody sends, layer by layer. */
export function TrackTable({ tracks }: { tracks: Track[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (tracks.length === 0) return <p className={classes.soft}>{t('debug.no_tracks')}</p>;
  return (
    <Wide label={t('debug.tracks')}>
      <table className={classes.table}>
        <caption>{t('debug.tracks')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('debug.track')}</th>
            <th scope="col">{t('debug.codec')}</th>
            <th scope="col">{t('debug.layer')}</th>
            <th scope="col">{t('debug.rate')}</th>
            <th scope="col">{t('debug.frames')}</th>
            <th scope="col">{t('debug.loss')}</th>
            <th scope="col">{t('debug.jitter')}</th>
            <th scope="col">NACK</th>
            <th scope="col">PLI</th>
          </tr>
        </thead>
        <tbody>
          {tracks.flatMap((track) =>
            track.layers.map((layer) => (
              <tr key={`${track.sid}/${layer.index}`} data-idle={!layer.active}>
                <th scope="row">
                  {t(`debug.source.${track.source}`)}
                  {track.muted ? ` (${t('debug.muted')})` : ''}
                </th>
                <td>{track.codec.replace(/^\w+\//, '')}</td>
                <td>{track.kind === 'audio' ? '–' : format.count(layer.index)}</td>
                <td>{layer.active ? format.rate(layer.kbps) : t('debug.off')}</td>
                <td>{track.kind === 'audio' ? '–' : format.count(layer.frames_per_second)}</td>
                <td>{format.share(layer.loss)}</td>
                <td>{format.time(layer.jitter_ms)}</td>
                <td>{format.count(layer.nacks)}</td>
                <td>{format.count(layer.key_frame_requests)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </Wide>
  );
}

/** Whose a track is, and what. */
export interface Origin {
  person: string;
  track: Track;
}

export type Origins = ReadonlyMap<string, Origin>;

/** What somebody is sent. */
export function SubscriptionTable({
  subscriptions,
  origins,
}: {
  subscriptions: Subscription[];
  origins: Origins;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (subscriptions.length === 0)
    return <p className={classes.soft}>{t('debug.no_subscriptions')}</p>;
  const named = subscriptions.map((each) => {
    const origin = origins.get(each.track);
    return { each, person: origin?.person ?? each.publisher, track: origin?.track };
  });
  named.sort(
    (a, b) => a.person.localeCompare(b.person) || a.each.track.localeCompare(b.each.track),
  );
  return (
    <Wide label={t('debug.subscriptions')}>
      <table className={classes.table}>
        <caption>{t('debug.subscriptions')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('debug.of')}</th>
            <th scope="col">{t('debug.track')}</th>
            <th scope="col">{t('debug.layer')}</th>
            <th scope="col">{t('debug.packets')}</th>
            <th scope="col">{t('debug.again')}</th>
            <th scope="col">{t('debug.loss')}</th>
            <th scope="col">NACK</th>
            <th scope="col">PLI</th>
          </tr>
        </thead>
        <tbody>
          {named.map(({ each, person, track }) => (
            <tr key={each.track} data-idle={each.layer === null}>
              <th scope="row">{person}</th>
              <td title={each.track}>{t(`debug.source.${track?.source ?? 'unknown'}`)}</td>
              <td>
                {track?.kind === 'audio'
                  ? '–'
                  : each.layer === null
                    ? t('debug.off')
                    : format.count(each.layer)}
              </td>
              <td>{format.count(each.packets)}</td>
              <td>{format.count(each.packets_retransmitted)}</td>
              <td>{format.share(each.loss)}</td>
              <td>{format.count(each.nacks)}</td>
              <td>{format.count(each.key_frame_requests)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
