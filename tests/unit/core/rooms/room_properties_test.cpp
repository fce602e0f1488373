// Random lives of a room: whatever its people do, and in whatever order, what clients, media and
// the journal have been told must agree with what is so.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <rapidcheck/gtest.h>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

/// A client with the picture of the room that it has from what it was told.
struct Client {
  Peer* peer = nullptr;
  std::unique_ptr<RecordingSession> session;  ///< After a resume; before, that of the peer.
  std::map<std::string, ParticipantInfo> picture;
  std::size_t applied = 0;
  bool socket_dead = false;  ///< What is sent does not arrive; the server may not know.
  std::optional<TimePoint> dead_since;

  RecordingSession& current() { return session ? *session : peer->session; }

  /// As clients do: people are known by identity, and older versions are not news.
  void apply(const ParticipantInfo& told) {
    if (told.sid == peer->sid()) return;
    if (told.state == ParticipantState::Disconnected) {
      picture.erase(told.identity);
      return;
    }
    ParticipantInfo& known = picture[told.identity];
    RC_ASSERT(known.sid != told.sid || known.version <= told.version);
    known = told;
  }
  void catch_up() {
    if (socket_dead) return;
    const auto& told = current().participants;
    for (; applied < told.size(); ++applied) apply(told[applied]);
  }
};

class RandomRoom {
 public:
  struct Step {
    std::uint8_t act = 0;
    std::uint8_t who = 0;
    std::uint8_t what = 0;
  };

  void run(const Step& step) {
    using Act = void (RandomRoom::*)(const Step&);
    constexpr std::array<Act, 21> kActs{
        &RandomRoom::join,      &RandomRoom::join,      &RandomRoom::joined,
        &RandomRoom::connect,   &RandomRoom::connect,   &RandomRoom::leave,
        &RandomRoom::announce,  &RandomRoom::bind,      &RandomRoom::bind,
        &RandomRoom::end_track, &RandomRoom::subscribe, &RandomRoom::answer_subscription,
        &RandomRoom::permit,    &RandomRoom::lend,      &RandomRoom::change_transport,
        &RandomRoom::break_off, &RandomRoom::come_back, &RandomRoom::mute,
        &RandomRoom::remove,    &RandomRoom::rename,    &RandomRoom::close,
    };
    (this->*kActs.at(step.act % kActs.size()))(step);
    if (step.what % 3 == 0) world.advance((step.what % 40) * 100ms);
    end_forgotten_sockets();
    settle();
  }

  void check_media() {
    for (const auto& [transport, track] : world.media.subscriptions) {
      const Client* subscriber = client_of(transport);
      RC_ASSERT(subscriber != nullptr);
      const auto self = info(*subscriber);
      RC_ASSERT(self.has_value());
      RC_ASSERT(self->permissions.can_subscribe);
      const auto publisher = publisher_of(track);
      RC_ASSERT(publisher.has_value());
      RC_ASSERT(is_visible(*publisher));
      RC_ASSERT(publisher->sid != self->sid);
    }
  }

  /// Those whose wishes and rights were left alone have all, or nothing, as they joined for.
  void check_subscriptions() {
    for (const auto& [identity, client] : clients_) {
      const auto self = info(client);
      const bool opened = self && !world.transports(*client.peer).empty();
      if (!opened) continue;
      for (const ParticipantInfo& publisher : everybody()) {
        if (lenders_.contains(publisher.sid) || publisher.sid == self->sid) continue;
        for (const TrackInfo& track : publisher.tracks) {
          if (meddled_.contains({self->sid, track.sid})) continue;
          const bool receives = self->state == ParticipantState::Active ||
                                (self->state == ParticipantState::Joined && identity != "p5");
          const bool expected = receives && self->permissions.can_subscribe &&
                                is_visible(publisher) && identity != "p1";
          RC_ASSERT(world.is_subscribed(*client.peer, track.sid) == expected);
        }
      }
    }
  }

  void check_counts() {
    const auto room = world.rooms.find_room(ProjectId("demo"), "meeting");
    if (!room) return;
    std::uint32_t participants = 0;
    std::uint32_t publishers = 0;
    for (const ParticipantInfo& each : everybody()) {
      if (each.permissions.hidden) continue;
      if (!each.permissions.recorder) ++participants;
      if (!each.tracks.empty()) ++publishers;
    }
    RC_ASSERT(room->participants == participants);
    RC_ASSERT(room->publishers == publishers);
  }

  /// Once everything delayed has been told, every client sees the room as it is.
  void check_pictures() {
    world.advance(2s);
    settle();
    for (auto& [identity, client] : clients_) {
      if (client.socket_dead) continue;
      std::map<std::string, ParticipantInfo> truth;
      for (const ParticipantInfo& each : everybody()) {
        if (is_visible(each) && each.sid != client.peer->sid()) truth[each.identity] = each;
      }
      RC_ASSERT(client.picture == truth);
    }
  }

  void check_journal() const {
    struct Stay {
      bool active = false;
      bool left = false;
      std::set<TrackSid> tracks;
    };
    std::map<RoomSid, bool> open_rooms;
    std::map<ParticipantSid, Stay> stays;
    for (const auto& entry : world.journal.entries) {
      const std::string& what = entry.what;
      RC_ASSERT((what == "room_started") == !open_rooms.contains(entry.room.sid));
      if (what == "room_started") open_rooms[entry.room.sid] = true;
      RC_ASSERT(open_rooms[entry.room.sid]);
      if (what == "room_finished") open_rooms[entry.room.sid] = false;
      if (entry.participant.sid.empty()) continue;

      const bool first = !stays.contains(entry.participant.sid);
      RC_ASSERT((what == "participant_joined") == first);
      Stay& stay = stays[entry.participant.sid];
      RC_ASSERT(!stay.left);
      if (what == "participant_active") {
        RC_ASSERT(!stay.active);
        stay.active = true;
      } else if (what == "participant_left") {
        RC_ASSERT(stay.tracks.empty());
        RC_ASSERT(stay.active == entry.was_active);
        stay.left = true;
      } else if (what == "track_published") {
        RC_ASSERT(stay.tracks.insert(entry.track.sid).second);
      } else if (what == "track_unpublished") {
        RC_ASSERT(stay.tracks.erase(entry.track.sid) == 1);
      }
    }
    for (const auto& [room, open] : open_rooms) {
      RC_ASSERT(open == (std::ranges::count(world.media.open_rooms, room) == 1));
    }
  }

 private:
  // ---- acts ----

  void join(const Step& step) {
    constexpr std::size_t kIdentities = 6;
    const std::size_t number = step.who % kIdentities;
    JoinRequest request = join_request("p" + std::to_string(number));
    request.permissions.can_update_own_metadata = true;
    request.auto_subscribe = number != 1;
    request.single_transport = number == 2;
    request.permissions.hidden = number == 3;
    request.permissions.recorder = number == 4;
    if (number == 5) request.client.protocol = 2;
    const auto peer = world.try_join(request);
    RC_ASSERT(peer.has_value());
    settle();
    Client client{.peer = *peer};
    for (const ParticipantInfo& other : client.peer->joined.others) client.apply(other);
    clients_[request.identity] = std::move(client);
  }
  void joined(const Step& step) {
    if (Client* client = pick(step)) world.rooms.joined(world.now(), client->peer->sid());
  }
  void connect(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr) return;
    world.rooms.joined(world.now(), client->peer->sid());
    world.connect(*client->peer);
  }
  void leave(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr || step.what % 2 == 0) return;
    world.rooms.leave(world.now(), client->peer->sid(), LeaveReason::ClientInitiated);
    forbid_more(*client);
  }
  void announce(const Step& step) {
    constexpr std::array kSources{TrackSource::Camera, TrackSource::Microphone,
                                  TrackSource::ScreenShare};
    Client* client = pick(step);
    if (client == nullptr) return;
    const auto track =
        world.rooms.add_track(world.now(), client->peer->sid(),
                              RoomWorld::track_request("cid" + std::to_string(step.what % 5),
                                                       kSources.at(step.what % kSources.size())));
    if (!track) return;
    tracks_.push_back(track->sid);
    publishers_[track->sid] = client->peer->sid();
  }
  void bind(const Step& step) {
    if (tracks_.empty()) return;
    const TrackSid track = pick_track(step);
    for (const auto& [identity, client] : clients_) {
      // Nothing is negotiated over transports that are not open.
      if (client.peer->sid() != publishers_[track]) continue;
      if (!world.transports(*client.peer).empty()) world.bind(*client.peer, track);
    }
  }
  void end_track(const Step& step) {
    if (clients_.empty() || tracks_.empty()) return;
    world.event(*clients_.begin()->second.peer, TrackEnded{pick_track(step)});
  }
  void subscribe(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr) return;
    const TrackSid track = tracks_.empty() ? TrackSid("TR_unknown") : pick_track(step);
    meddled_.emplace(client->peer->sid(), track);
    world.rooms.set_subscribed(world.now(), client->peer->sid(), std::vector{track},
                               step.what % 2 == 0);
    world.rooms.set_track_settings(client->peer->sid(), std::vector{track},
                                   {.width = step.what * 10U, .height = step.what * 6U});
  }
  void answer_subscription(const Step& step) {
    if (world.media.subscriptions.empty()) return;
    const std::size_t index = step.who % world.media.subscriptions.size();
    const auto [transport, track] =
        *std::next(world.media.subscriptions.begin(), static_cast<std::ptrdiff_t>(index));
    const Client* client = client_of(transport);
    if (step.what % 4 == 0) {
      meddled_.emplace(client->peer->sid(), track);
      world.event(*client->peer, SubscriptionFailed{.transport = transport, .track = track});
    } else {
      world.event(*client->peer, SubscriptionBound{.transport = transport, .track = track});
    }
  }
  void permit(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr) return;
    Permissions permissions{.can_subscribe = (step.what & 1) == 0,
                            .can_publish = (step.what & 2) == 0,
                            .can_update_own_metadata = true,
                            .hidden = (step.what & 4) != 0,
                            .recorder = client->peer->joined.participant.permissions.recorder};
    const auto& identity = client->peer->joined.participant.identity;
    RC_ASSERT(world.rooms.update_participant(world.now(), world.ref(identity), {}, permissions));
  }
  void lend(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr) return;
    lenders_.insert(client->peer->sid());
    world.rooms.set_subscription_permission(
        world.now(), client->peer->sid(),
        {.all_participants = step.what % 2 == 0,
         .grants = {{.identity = "p" + std::to_string(step.what % 6), .all_tracks = true}}});
  }
  void change_transport(const Step& step) {
    constexpr std::array kStates{TransportState::Connected, TransportState::Disconnected,
                                 TransportState::Failed};
    Client* client = pick(step);
    if (client == nullptr || world.transports(*client->peer).empty()) return;
    const auto specs = world.transports(*client->peer);
    world.change(*client->peer, specs.at(step.what % specs.size()).id,
                 kStates.at(step.what % kStates.size()));
  }
  void break_off(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr) return;
    client->catch_up();
    client->socket_dead = true;
    if (!client->dead_since) client->dead_since = world.now().monotonic;
    if (step.what % 2 == 0) notice_dead_socket(*client);
  }
  void come_back(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr) return;
    client->catch_up();
    auto session = std::make_unique<RecordingSession>();
    const auto resumed =
        world.rooms.resume(world.now(), join_request(client->peer->joined.participant.identity),
                           client->peer->sid(), *session);
    if (!resumed) return;
    forbid_more(*client);
    retired_.push_back(std::move(client->session));
    client->session = std::move(session);
    client->applied = 0;
    client->socket_dead = false;
    client->dead_since.reset();
    for (const ParticipantInfo& other : resumed->snapshot.others) client->apply(other);
  }
  void mute(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr || tracks_.empty()) return;
    (void)world.rooms.set_own_mute(world.now(), client->peer->sid(), pick_track(step),
                                   step.what % 2 == 0);
  }
  void remove(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr || step.what % 3 != 0) return;
    RC_ASSERT(world.rooms.remove_participant(world.now(),
                                             world.ref(client->peer->joined.participant.identity)));
  }
  void rename(const Step& step) {
    Client* client = pick(step);
    if (client == nullptr) return;
    RC_ASSERT(world.rooms.update_own(world.now(), client->peer->sid(),
                                     {.name = "name" + std::to_string(step.what)}));
  }

  void close(const Step& step) {
    if (step.what % 8 != 0 || step.who % 2 != 0) return;
    (void)world.rooms.delete_room(world.now(), ProjectId("demo"), "meeting");
  }

  // ---- helpers ----

  Client* pick(const Step& step) {
    if (clients_.empty()) return nullptr;
    return &std::next(clients_.begin(), static_cast<std::ptrdiff_t>(step.who % clients_.size()))
                ->second;
  }
  TrackSid pick_track(const Step& step) const { return tracks_.at(step.what % tracks_.size()); }

  std::vector<ParticipantInfo> everybody() const {
    return world.rooms.list_participants(ProjectId("demo"), "meeting")
        .value_or(std::vector<ParticipantInfo>{});
  }
  std::optional<ParticipantInfo> info(const Client& client) const {
    for (const ParticipantInfo& each : everybody()) {
      if (each.sid == client.peer->sid()) return each;
    }
    return std::nullopt;
  }
  std::optional<ParticipantInfo> publisher_of(const TrackSid& track) const {
    for (const ParticipantInfo& each : everybody()) {
      for (const TrackInfo& published : each.tracks) {
        if (published.sid == track) return each;
      }
    }
    return std::nullopt;
  }
  const Client* client_of(TransportId transport) const {
    for (const auto& [identity, client] : clients_) {
      for (const TransportSpec& spec : world.transports(*client.peer)) {
        if (spec.id == transport) return &client;
      }
    }
    return nullptr;
  }
  static bool is_visible(const ParticipantInfo& each) {
    return !each.permissions.hidden &&
           (each.state == ParticipantState::Joined || each.state == ParticipantState::Active);
  }

  void notice_dead_socket(Client& client) {
    world.rooms.signal_lost(world.now(), client.peer->sid(), client.current());
    forbid_more(client);
  }
  /// A ping time-out: the server learns of a dead socket after a while.
  void end_forgotten_sockets() {
    for (auto& [identity, client] : clients_) {
      if (!client.dead_since || world.now().monotonic - *client.dead_since < 20s) continue;
      if (!client.current().left) notice_dead_socket(client);
    }
  }
  /// The session must not be called again; RecordingSession aborts if it is.
  static void forbid_more(Client& client) {
    if (!client.current().left) client.current().left = RecordingSession::Left{};
  }
  /// Takes in what the clients were told, and forgets those who are no longer in the room.
  void settle() {
    std::set<ParticipantSid> present;
    for (const ParticipantInfo& each : everybody()) present.insert(each.sid);
    for (auto at = clients_.begin(); at != clients_.end();) {
      Client& client = at->second;
      client.catch_up();
      // A session that was told to resume is as good as one whose socket broke.
      if (client.current().left) client.socket_dead = true;
      if (client.socket_dead && !client.dead_since) client.dead_since = world.now().monotonic;
      if (present.contains(client.peer->sid())) {
        ++at;
        continue;
      }
      forbid_more(client);
      departed_.push_back(std::move(client));
      at = clients_.erase(at);
    }
  }

  std::map<std::string, Client> clients_;
  std::vector<Client> departed_;
  std::vector<std::unique_ptr<RecordingSession>> retired_;
  std::vector<TrackSid> tracks_;
  std::map<TrackSid, ParticipantSid> publishers_;
  std::set<std::pair<ParticipantSid, TrackSid>> meddled_;
  std::set<ParticipantSid> lenders_;

 public:
  RoomWorld world;
};

RC_GTEST_PROP(RoomProperties, hold_in_every_random_life_of_a_room, ()) {
  const auto script =
      *rc::gen::scale(3.0, rc::gen::arbitrary<std::vector<std::array<std::uint8_t, 3>>>());
  RandomRoom room;
  for (const auto& [act, who, what] : script) {
    room.run({.act = act, .who = who, .what = what});
    room.check_media();
    room.check_subscriptions();
    room.check_counts();
  }
  room.check_pictures();
  room.check_journal();
  room.world.rooms.shut_down(room.world.now());
  room.check_journal();
  RC_ASSERT(room.world.media.open_rooms.empty());
  RC_ASSERT(room.world.rooms.totals().participants == 0U);
}

}  // namespace
}  // namespace vis::core::rooms
