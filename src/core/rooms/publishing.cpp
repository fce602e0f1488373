#include "core/rooms/publishing.hpp"

#include <memory>
#include <utility>

#include "base/limits/core_rooms.hpp"
#include "base/log.hpp"
#include "core/rooms/client_traits.hpp"
#include "core/rooms/track_description.hpp"

namespace vis::core::rooms {
namespace {

std::unexpected<Error> no_such_track() { return fail(Errc::NotFound, "track not found"); }

}  // namespace

Result<TrackInfo> Publishing::add_track(Now now, Participant& publisher, TrackRequest request) {
  if (auto valid = check_track_request(request); !valid) return std::unexpected(valid.error());
  if (!request.existing.empty()) return add_backup_codec(now, publisher, request);
  if (!may_publish(publisher.permissions(), request.source)) {
    return fail(Errc::PermissionDenied, "no permission to publish this source");
  }

  Publications& tracks = publisher.publications;
  if (tracks.find_cid(request.cid) != nullptr) {
    if (tracks.queued(request.cid) >= limits::kQueuedTracksPerCid) {
      return fail(Errc::LimitExceeded, "too many requests for the same media track");
    }
    tracks.enqueue(std::move(request));
    return fail(Errc::FailedPrecondition, "queued: the media track is still published");
  }
  if (tracks.pending() >= limits::kPendingTracks ||
      tracks.size() >= limits::kTracksPerParticipant) {
    return fail(Errc::LimitExceeded, "too many tracks");
  }
  return start(now, publisher, request);
}

Result<TrackInfo> Publishing::add_backup_codec(Now now, Participant& publisher,
                                               const TrackRequest& request) {
  Publication* publication = publisher.publications.find(request.existing);
  if (publication == nullptr) return no_such_track();
  if (auto added = add_backup_codecs(publication->info, request, publish_codecs(publisher.traits));
      !added) {
    return std::unexpected(added.error());
  }
  publication->info.changed_at = now.wall;
  command_publish(*publication);
  tell_published(*publication, request.cid);
  if (publication->bound) track_changed(now, *publication);
  return publication->info;
}

TrackInfo Publishing::start(Now now, Participant& publisher, const TrackRequest& request) {
  const TrackSid sid = new_track_sid(room_.shared.random, request.kind, request.source);
  TrackInfo info = describe_track(sid, request, publish_codecs(publisher.traits));
  info.changed_at = now.wall;
  Publication& publication = publisher.publications.add(
      {.publisher = publisher, .info = std::move(info), .cid = request.cid});
  room_.roster.add_track(publication);
  command_publish(publication);
  tell_published(publication, request.cid);
  return publication.info;
}

void Publishing::command_publish(const Publication& publication) {
  const TransportSet& transports = publication.publisher.transports;
  if (!transports.is_open()) return;
  room_.command(Publish{.transport = transports.uplink().id,
                        .spec = publish_spec(publication.info, publication.cid)});
}

void Publishing::publish_early_tracks(const Participant& publisher) {
  for (const auto& publication : publisher.publications.all()) command_publish(*publication);
}

void Publishing::tell_published(const Publication& publication, const std::string& cid) {
  room_.outbox().tell(publication.publisher.observer,
                      [cid, info = publication.info](SessionObserver& observer) {
                        observer.on_track_published(cid, info);
                      });
}

void Publishing::on_bound(Now now, const TrackBound& bound) {
  Publication* publication = room_.roster.find_track(bound.track);
  if (publication == nullptr) return;
  const bool backup = publication->bound && publication->info.mid != bound.mid;
  const bool changed = apply_binding(publication->info, bound);
  if (backup) parts_.subscribing.backup_bound(now, *publication);
  const bool first = !std::exchange(publication->bound, true);
  if (!changed && !first) return;

  Participant& publisher = publication->publisher;
  publication->info.changed_at = now.wall;
  publisher.profile.touch();
  // The others must know the track before the description that carries it reaches them.
  parts_.announcer.announce(publisher, Audience::Others);
  if (first) {
    parts_.announcer.counts_changed();
    room_.outbox().record([at = now.wall, room = room_.info(), participant = publisher.info(),
                           track = publication->info](RoomJournal& journal) {
      journal.track_published(at, room, participant, track);
    });
    log::info("track.published", {{"room", room_.sid},
                                  {"participant", publisher.sid()},
                                  {"track", bound.track},
                                  {"codec", bound.mime_type}});
    parts_.subscribing.reconcile_track(now, *publication);
  }
  parts_.subscribing.retarget(*publication);
}

void Publishing::on_ended(Now now, const TrackSid& track) {
  Publication* publication = room_.roster.find_track(track);
  if (publication == nullptr) return;
  Participant& publisher = publication->publisher;
  const std::string cid = publication->cid;
  const bool was_bound = publication->bound;
  drop(now, *publication);
  if (was_bound) {
    parts_.announcer.announce(publisher, Audience::Others);
    parts_.announcer.counts_changed();
  }
  start_queued(now, publisher, cid);
}

/// Takes the track out of the room; who is to be told of it is the caller's business.
void Publishing::drop(Now now, Publication& publication) {
  Participant& publisher = publication.publisher;
  parts_.subscribing.drop_track(publication);
  if (publisher.transports.is_open()) {
    room_.command(
        Unpublish{.transport = publisher.transports.uplink().id, .track = publication.info.sid});
  }
  room_.roster.forget_track(publication.info.sid);
  const std::unique_ptr<Publication> dropped = publisher.publications.take(publication.info.sid);
  if (!dropped->bound) return;
  publisher.profile.touch();
  room_.outbox().record([at = now.wall, room = room_.info(), participant = publisher.info(),
                         track = std::move(dropped->info)](RoomJournal& journal) {
    journal.track_unpublished(at, room, participant, track);
  });
}

void Publishing::drop_all(Now now, Participant& publisher) {
  while (publisher.publications.size() > 0) drop(now, *publisher.publications.all().front());
}

void Publishing::start_queued(Now now, Participant& publisher, const std::string& cid) {
  if (const auto request = publisher.publications.next_queued(cid)) {
    start(now, publisher, *request);
  }
}

void Publishing::enforce_permissions(Now now, Participant& publisher) {
  publisher.publications.drop_queued(publisher.permissions());
  std::vector<Publication*> refused;
  for (const auto& publication : publisher.publications.all()) {
    if (!may_publish(publisher.permissions(), publication->info.source)) {
      refused.push_back(publication.get());
    }
  }
  for (Publication* publication : refused) {
    const TrackSid track = publication->info.sid;
    const std::string cid = publication->cid;
    drop(now, *publication);
    room_.outbox().tell(publisher.observer, [track](SessionObserver& observer) {
      observer.on_track_unpublished(track);
    });
    start_queued(now, publisher, cid);
  }
  if (!refused.empty()) parts_.announcer.counts_changed();
}

Result<TrackInfo> Publishing::mute(Now now, Participant& publisher, const Mute& mute) {
  Publication* publication = publisher.publications.find(mute.track);
  if (publication == nullptr) return no_such_track();
  if (publication->info.muted == mute.muted) return publication->info;
  if (mute.by == MutedBy::Server && !mute.muted && !room_.shared.defaults.allow_remote_unmute) {
    return fail(Errc::FailedPrecondition, "unmuting others is switched off");
  }

  publication->info.muted = mute.muted;
  if (mute.muted) publication->speech.reset();
  room_.command(SetTrackMuted{.track = mute.track, .muted = mute.muted});
  if (mute.by == MutedBy::Server) {
    // Before the update: a client whose own flag differs from an update's would mute back.
    room_.outbox().tell(publisher.observer, [mute](SessionObserver& observer) {
      observer.on_track_muted(mute.track, mute.muted);
    });
  }
  track_changed(now, *publication);
  return publication->info;
}

Result<void> Publishing::set_audio_features(Now now, Participant& publisher, const TrackSid& track,
                                            AudioFeatures features) {
  Publication* publication = publisher.publications.find(track);
  if (publication == nullptr) return no_such_track();
  if (features.size() > limits::kAudioFeatures) {
    return fail(Errc::InvalidArgument, "too many audio features");
  }
  publication->info.audio_features = std::move(features);
  track_changed(now, *publication);
  return {};
}

Result<void> Publishing::set_video_size(Now now, Participant& publisher, const TrackSid& track,
                                        VideoSize size) {
  Publication* publication = publisher.publications.find(track);
  if (publication == nullptr) return no_such_track();
  publication->info.width = size.width;
  publication->info.height = size.height;
  track_changed(now, *publication);
  return {};
}

/// A property of a track that the others may see already is told to everybody.
void Publishing::track_changed(Now now, Publication& publication) {
  publication.info.changed_at = now.wall;
  if (!publication.bound) return;
  publication.publisher.profile.touch();
  parts_.announcer.announce(publication.publisher, Audience::Everybody);
}

}  // namespace vis::core::rooms
