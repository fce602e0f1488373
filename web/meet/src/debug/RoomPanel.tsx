import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Credentials,
  fetchParticipant,
  fetchRoom,
  type Participant,
  type RoomDetails,
} from './api';
import { Chart } from './Chart';
import classes from './DebugPage.module.css';
import { Live } from './Live';
import { type Origins, SubscriptionTable, TrackTable } from './tables';
import { useFormat } from './use-format';

export interface RoomPanelProps {
  credentials: Credentials;
  room: string;
}

/** Everybody in one room. */
export function RoomPanel({ credentials, room }: RoomPanelProps) {
  const { t } = useTranslation();
  return (
    <Live name={['room', room]} read={(signal) => fetchRoom(credentials, room, signal)}>
      {(details) =>
        details.participants.length === 0 ? (
          <p className={classes.empty}>{t('debug.nobody')}</p>
        ) : (
          <div className={classes.people}>
            {details.participants.map((participant) => (
              <ParticipantCard
                key={participant.sid}
                credentials={credentials}
                room={room}
                participant={participant}
                origins={originsIn(details)}
              />
            ))}
          </div>
        )
      }
    </Live>
  );
}

const nameOf = ({ name, identity }: Participant) => name || identity;

function originsIn(room: RoomDetails): Origins {
  return new Map(
    room.participants.flatMap((participant) =>
      participant.tracks.map(
        (track) => [track.sid, { person: nameOf(participant), track }] as const,
      ),
    ),
  );
}

interface ParticipantCardProps extends RoomPanelProps {
  participant: Participant;
  origins: Origins;
}

function ParticipantCard({ credentials, room, participant, origins }: ParticipantCardProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details
      className={classes.person}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className={classes.summary}>
        <span className={classes.who}>
          <strong>{nameOf(participant)}</strong>
          <QualityWord participant={participant} />
        </span>
        <Figures participant={participant} />
      </summary>
      {open ? (
        <Live
          name={['participant', room, participant.identity]}
          read={(signal) => fetchParticipant(credentials, [room, participant.identity], signal)}
        >
          {(details) => <ParticipantDetails participant={details} origins={origins} />}
        </Live>
      ) : null}
      {open ? null : <span className="vis-hidden">{t('debug.more')}</span>}
    </details>
  );
}

function QualityWord({ participant }: { participant: Participant }) {
  const { t } = useTranslation();
  const { connected, cause } = participant;
  const quality = connected ? participant.quality : 'lost';
  return (
    <span className={classes.quality} data-quality={quality}>
      {t(`debug.quality.${quality}`)}
      {cause ? ` · ${t(`debug.cause.${cause}`)}` : ''}
      {participant.transport ? ` · ${t(`debug.transport.${participant.transport}`)}` : ''}
    </span>
  );
}

/** The numbers of the last seconds. */
function Figures({ participant }: { participant: Participant }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figures: [string, string][] = [
    [t('debug.from_them'), format.rate(participant.received_kbps)],
    [t('debug.to_them'), format.rate(participant.sent_kbps)],
    [t('debug.wanted'), format.rate(participant.wanted_kbps)],
    [t('debug.available'), format.rate(participant.available_kbps)],
    [t('debug.round_trip'), format.time(participant.round_trip_ms)],
    [t('debug.uplink_loss'), format.share(participant.uplink_loss)],
    [t('debug.downlink_loss'), format.share(participant.downlink_loss)],
  ];
  return (
    <dl className={classes.figures}>
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ParticipantDetails({
  participant,
  origins,
}: {
  participant: Participant;
  origins: Origins;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const series = participant.series ?? {};
  return (
    <div className={classes.details}>
      <div className={classes.charts}>
        <Chart
          label={t('debug.from_them')}
          values={series.received_kbps ?? []}
          least={100}
          format={format.rate}
        />
        <Chart
          label={t('debug.to_them')}
          values={series.sent_kbps ?? []}
          least={100}
          format={format.rate}
        />
        <Chart
          label={t('debug.available')}
          values={series.available_kbps ?? []}
          least={100}
          format={format.rate}
        />
        <Chart
          label={t('debug.round_trip')}
          values={series.round_trip_ms ?? []}
          least={50}
          format={format.time}
        />
        <Chart
          label={t('debug.uplink_loss')}
          values={series.uplink_loss ?? []}
          least={0.01}
          format={format.share}
        />
        <Chart
          label={t('debug.downlink_loss')}
          values={series.downlink_loss ?? []}
          least={0.01}
          format={format.share}
        />
      </div>
      <TrackTable tracks={participant.tracks} />
      <SubscriptionTable subscriptions={participant.subscriptions} origins={origins} />
    </div>
  );
}
