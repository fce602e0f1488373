#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "media_io/media_io.hpp"
#include "media_io/udp_socket.hpp"
#include "support/rtc/client_peer.hpp"

/// A call over real sockets and threads.
namespace vis::media_io::test {

namespace rooms = core::rooms;
using vis::test::ClientPeer;

inline constexpr Duration kPatience = 60s;  ///< Of a machine that has much else to do.

inline SocketAddress loopback(std::uint16_t port) {
  return {.ip = IpAddress::v4({127, 0, 0, 1}), .port = port};
}

/// A client with a socket of its own.
class Client final : public media::sfu::EgressSink {
 public:
  Client(rooms::TransportId transport, bool offers, RandomSource& random,
         media::srtp::Crypto& crypto)
      : id(transport),
        socket_(*UdpSocket::open(loopback(0))),
        peer({.address = loopback(socket_.port()), .offers = offers}, random, crypto, *this) {}

  void send(std::span<const media::sfu::EgressRun> runs) override { socket_.send(runs); }
  void send_raw(const SocketAddress& to, Bytes datagram) {
    const media::sfu::EgressRun run{.to = to,
                                    .bytes = datagram,
                                    .segment_size = static_cast<std::uint16_t>(datagram.size()),
                                    .segments = 1};
    socket_.send(std::span{&run, 1});
  }
  void turn(TimePoint now, const SocketAddress& server) {
    for (const UdpSocket::Datagram& datagram : socket_.receive()) {
      peer.on_datagram(now, datagram.bytes, server);
    }
    if (const auto due = peer.next_deadline(); due && *due <= now) peer.on_deadline(now);
    peer.flush();
  }
  int descriptor() const { return socket_.descriptor(); }

  rooms::TransportId id;

 private:
  UdpSocket socket_;

 public:
  ClientPeer peer;
  bool connected = false;
};

/// A publisher and a subscriber on a real worker, or each on one of its own, driven by this thread.
class RealCall {
 public:
  explicit RealCall(unsigned workers = 1) {
    media_ = *MediaIo::start({.bind = IpAddress::v4({127, 0, 0, 1}),
                              .port = 0,
                              .workers = workers,
                              .room_spread = 1,
                              .announce = {IpAddress::v4({127, 0, 0, 1})},
                              .pin_workers = false},
                             [this](std::vector<RoomEvent> events) { post(std::move(events)); });
    EXPECT_TRUE(media_->open_room(kRoom));
    open(publisher, rooms::TransportRole::Publisher);
    rooms::PublishSpec track;
    track.track = kTrack;
    track.kind = rooms::TrackKind::Video;
    track.cid = "cam";
    media_->execute(kRoom, rooms::Publish{publisher.id, track});
    publisher.peer.add_track(
        {.cid = "cam", .layers = {{.rid = "", .ssrc = 1000, .rtx_ssrc = 1001}}});
    media_->execute(kRoom, rooms::ApplyOffer{publisher.id, publisher.peer.create_offer(), 1});
    open(subscriber, rooms::TransportRole::Subscriber);
    media_->execute(kRoom, rooms::StartOffer{subscriber.id});
    media_->execute(kRoom, rooms::Subscribe{subscriber.id,
                                            {.track = kTrack,
                                             .publisher = rooms::ParticipantSid{"PA_1"},
                                             .stream_id = "PA_1",
                                             .target = {}}});
  }
  ~RealCall() { stop(); }
  void stop() { media_->stop(); }

  /// Takes turns with the worker until `done`, calling `beside` in each; false when it takes too
  /// long.
  bool run_until(const std::function<bool()>& done, const std::function<void()>& beside = {}) {
    const TimePoint end = monotonic_now() + kPatience;
    while (!done()) {
      const TimePoint now = monotonic_now();
      if (now > end) return false;
      if (publisher.connected && subscriber.connected && now >= next_frame_) send_frame(now);
      if (beside) beside();
      turn();
    }
    return true;
  }
  std::uint64_t frames() const { return frames_; }
  std::uint64_t received() const {
    const auto& streams = subscriber.peer.received();
    return streams.empty() ? 0 : streams.begin()->second.distinct();
  }
  /// Of the publisher; with one worker, of both.
  SocketAddress server() const { return loopback(media_->workers().front()->port()); }
  const MediaIo& media() const { return *media_; }
  std::uint64_t rejected() const { return media_->workers().front()->gauges().packets_rejected(); }
  RandomSource& random() { return random_; }

 private:
  static inline const rooms::RoomSid kRoom{"RM_1"};
  static inline const rooms::TrackSid kTrack{"TR_1"};

  void open(const Client& client, rooms::TransportRole role) {
    rooms::TransportSpec spec;
    spec.id = client.id;
    spec.participant = rooms::ParticipantSid{client.id == publisher.id ? "PA_1" : "PA_2"};
    spec.role = role;
    media_->execute(kRoom, rooms::OpenTransport{std::move(spec)});
  }

  void post(std::vector<RoomEvent> events) {
    const std::lock_guard lock(mutex_);
    for (RoomEvent& event : events) events_.push_back(std::move(event));
  }

  void turn() {
    std::array<pollfd, 2> waiting{
        {{.fd = publisher.descriptor(), .events = POLLIN, .revents = 0},
         {.fd = subscriber.descriptor(), .events = POLLIN, .revents = 0}}};
    ::poll(waiting.data(), waiting.size(), 1);
    std::vector<RoomEvent> events;
    {
      const std::lock_guard lock(mutex_);
      events.swap(events_);
    }
    const TimePoint now = monotonic_now();
    for (const RoomEvent& event : events) handle(now, event.event);
    publisher.turn(now, server());
    subscriber.turn(now, loopback(media_->workers().back()->port()));
  }

  void handle(TimePoint now, const rooms::MediaEvent& event) {
    if (const auto* description = std::get_if<rooms::LocalDescription>(&event)) {
      if (description->is_offer) {
        const auto answer = subscriber.peer.answer(now, description->sdp);
        ASSERT_TRUE(answer.has_value());
        media_->execute(kRoom, rooms::ApplyAnswer{subscriber.id, *answer});
      } else {
        ASSERT_TRUE(publisher.peer.apply_answer(now, description->sdp));
      }
    } else if (const auto* changed = std::get_if<rooms::TransportChanged>(&event)) {
      Client& client = changed->transport == publisher.id ? publisher : subscriber;
      client.connected = changed->state == rooms::TransportState::Connected;
    }
  }

  void send_frame(TimePoint now) {
    publisher.peer.send_video_frame(now, 0, 2, 900);
    publisher.peer.flush();
    ++frames_;
    next_frame_ = now + 10ms;
  }

  SystemRandom random_;
  media::srtp::Crypto crypto_;
  std::mutex mutex_;
  std::vector<RoomEvent> events_;
  std::unique_ptr<MediaIo> media_;
  TimePoint next_frame_;
  std::uint64_t frames_ = 0;

 public:
  Client publisher{rooms::TransportId{1}, true, random_, crypto_};
  Client subscriber{rooms::TransportId{2}, false, random_, crypto_};
};

}  // namespace vis::media_io::test
