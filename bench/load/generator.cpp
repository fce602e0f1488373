#include "load/generator.hpp"

#include <poll.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/clock.hpp"

namespace vis::bench {
namespace {

/// How often timers and signalling are looked at, and how many turns it takes to reach every
/// client.
constexpr Duration kTickInterval = 1ms;
constexpr std::size_t kTickTurns = 20;
/// Batches read before anything else is done again.
constexpr int kBatchesAtOnce = 8;

/// Moves what is due on to the next time. What a late generator has missed is not made up for:
/// pictures of a second at once would be another load.
bool is_due(TimePoint& next, TimePoint now, Duration interval) {
  if (next > now) return false;
  next = std::max(next + interval, now);
  return true;
}

}  // namespace

std::uint64_t Member::packets() const {
  std::uint64_t sum = 0;
  for (const Client* const receiver : receivers) sum += receiver->packets();
  return sum;
}

std::size_t Member::sources() const {
  std::size_t sum = 0;
  for (const Client* const receiver : receivers) sum += receiver->sources();
  return sum;
}

TimePoint Generator::now() const { return monotonic_now(); }

Client& Generator::add_client(const Client::Description& description) {
  const Client::Parts parts{.wire = wire_, .random = random_, .crypto = crypto_, .delays = delays_};
  return *clients_.emplace_back(std::make_unique<Client>(clients_.size(), description, parts));
}

void Generator::start_media(Client& sender) {
  const auto known = std::ranges::find(publishers_, &sender, &Publisher::client);
  if (known != publishers_.end()) return;
  // Cameras do not take their pictures at the same moment.
  const TimePoint start = now() + Duration{random_.below(Stream::kFrameInterval / 1ns)};
  publishers_.push_back({.client = &sender, .next_frame = start, .next_sound = start});
}

void Generator::run_for(Duration duration) {
  for (const TimePoint end = now() + duration; now() < end;) step();
}

bool Generator::run_until(const std::function<bool()>& done, Duration limit) {
  for (const TimePoint end = now() + limit; now() < end;) {
    for (int i = 0; i < 100; ++i) step();
    if (done()) return true;
  }
  return false;
}

void Generator::pause(bool paused) {
  paused_ = paused;
  const TimePoint start = now();
  for (Publisher& publisher : publishers_) {
    publisher.next_frame = start + Duration{random_.below(Stream::kFrameInterval / 1ns)};
    publisher.next_sound = start + Duration{random_.below(Stream::kAudioInterval / 1ns)};
  }
}

std::uint64_t Generator::sent_by(const Client& sender) const {
  const auto found = std::ranges::find(publishers_, &sender, &Publisher::client);
  return found == publishers_.end() ? 0 : found->packets;
}

std::uint64_t Generator::received() const {
  std::uint64_t sum = 0;
  for (const auto& client : clients_) sum += client->packets();
  return sum;
}

void Generator::step() {
  const TimePoint at = now();
  receive(at);
  if (!paused_) send_due(at);
  if (at < next_tick_) return wait(at);
  next_tick_ = at + kTickInterval;
  tick(at);
  io_.restart();
  io_.poll();
}

void Generator::receive(TimePoint at) {
  for (int i = 0; i < kBatchesAtOnce; ++i) {
    const auto messages = wire_.receive();
    if (messages.empty()) return;
    for (const Wire::Message& message : messages) {
      if (message.client >= clients_.size()) continue;
      Client& client = *clients_[message.client];
      for (MutableBytes rest = message.bytes; !rest.empty();) {
        const std::size_t size = std::min(message.datagram_bytes, rest.size());
        client.on_datagram(at, rest.first(size),
                           {.from = message.from,
                            .at_ns = message.arrived_ns,
                            .at = TimePoint{Duration{message.arrived_ns - clock_offset_ns_}}});
        rest = rest.subspan(size);
      }
    }
  }
}

void Generator::send_due(TimePoint at) {
  for (Publisher& publisher : publishers_) {
    if (is_due(publisher.next_frame, at, Stream::kFrameInterval)) {
      publisher.client->send_frame(at);
      publisher.packets += Stream::kPacketsPerFrame;
    }
    if (is_due(publisher.next_sound, at, Stream::kAudioInterval)) {
      publisher.client->send_sound(at);
      ++publisher.packets;
    }
  }
}

void Generator::tick(TimePoint at) {
  const std::size_t turn = ticked_++ % kTickTurns;
  for (std::size_t i = turn; i < clients_.size(); i += kTickTurns) clients_[i]->tick(at);
}

void Generator::wait(TimePoint at) const {
  TimePoint until = next_tick_;
  for (const Publisher& publisher : publishers_) {
    if (!paused_) until = std::min({until, publisher.next_frame, publisher.next_sound});
  }
  if (until <= at) return;
  pollfd waiting{.fd = wire_.descriptor(), .events = POLLIN, .revents = 0};
  const timespec limit{.tv_sec = 0, .tv_nsec = (until - at) / 1ns};
  ::ppoll(&waiting, 1, &limit, nullptr);
}

}  // namespace vis::bench
