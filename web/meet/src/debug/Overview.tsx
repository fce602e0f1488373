import { useTranslation } from 'react-i18next';
import { Link } from '../app/navigation';
import { type Credentials, fetchRooms, fetchWorkers, type RoomSummary, type Worker } from './api';
import { Chart } from './Chart';
import { debugRoomPath } from './DebugPage';
import classes from './DebugPage.module.css';
import { Live } from './Live';
import { Wide } from './tables';
import { useFormat } from './use-format';

/** How busy the server is, and its rooms. */
export function Overview({ credentials }: { credentials: Credentials }) {
  const { t } = useTranslation();
  return (
    <>
      <section>
        <h2 className={classes.heading}>{t('debug.rooms')}</h2>
        <Live name={['rooms']} read={(signal) => fetchRooms(credentials, signal)}>
          {(rooms) => (rooms.length === 0 ? <NoRooms /> : <RoomTable rooms={rooms} />)}
        </Live>
      </section>
      <section>
        <h2 className={classes.heading}>{t('debug.workers')}</h2>
        <Live name={['workers']} read={(signal) => fetchWorkers(credentials, signal)}>
          {(workers) => (
            <div className={classes.cards}>
              {workers.map((worker) => (
                <WorkerCard key={worker.index} worker={worker} />
              ))}
            </div>
          )}
        </Live>
      </section>
    </>
  );
}

function NoRooms() {
  const { t } = useTranslation();
  return (
    <p className={classes.empty}>
      {t('debug.no_rooms')} <Link to="/">{t('debug.open_one')}</Link>
    </p>
  );
}

function RoomTable({ rooms }: { rooms: RoomSummary[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Wide label={t('debug.rooms')}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('debug.room')}</th>
            <th scope="col">{t('debug.people')}</th>
            <th scope="col">{t('debug.publishers')}</th>
            <th scope="col">{t('debug.received')}</th>
            <th scope="col">{t('debug.sent')}</th>
          </tr>
        </thead>
        <tbody>
          {rooms.map((room) => (
            <tr key={room.sid}>
              <th scope="row">
                <Link to={debugRoomPath(room.name)}>{room.name}</Link>
              </th>
              <td>{format.count(room.participant_count)}</td>
              <td>{format.count(room.publisher_count)}</td>
              <td>{format.rate(room.received_kbps)}</td>
              <td>{format.rate(room.sent_kbps)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function WorkerCard({ worker }: { worker: Worker }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <article className={classes.card}>
      <h3 className={classes.cardTitle}>{t('debug.worker', { port: worker.port })}</h3>
      <div className={classes.charts}>
        <Chart
          label={t('debug.cpu')}
          values={worker.series.cpu_share ?? []}
          least={0.1}
          format={format.share}
        />
        <Chart
          label={t('debug.packets_out')}
          values={worker.series.packets_out_per_s ?? []}
          least={100}
          format={format.count}
        />
        <Chart
          label={t('debug.packets_in')}
          values={worker.series.packets_in_per_s ?? []}
          least={100}
          format={format.count}
        />
      </div>
    </article>
  );
}
