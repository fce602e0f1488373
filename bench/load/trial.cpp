#include "load/trial.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace vis::bench {
namespace {

/// Joins that are under way at once; more would be a test of handshakes.
constexpr std::size_t kJoinsAtOnce = 20;
constexpr Duration kPatience = 60s;
constexpr Duration kSettlingStep = 1s;
constexpr Duration kMostSettling = 15s;
/// What arrives later than this after the last packet was sent is lost.
constexpr Duration kLatest = 500ms;
/// Nothing is under way any more when nothing has arrived for so long.
constexpr Duration kQuiet = 200ms;
/// The next load is chosen to fill so much of the busier core, yet it grows by 4 % to 50 %.
constexpr double kAim = 0.95;
constexpr double kLeastGrowth = 1.04;
constexpr double kMostGrowth = 1.5;

std::size_t next_count(const Sample& sample) {
  const double busy = std::max({sample.server_core(), sample.own_core(), 0.01});
  const double growth = std::clamp(kAim / busy, kLeastGrowth, kMostGrowth);
  const auto next = static_cast<std::size_t>(static_cast<double>(sample.count) * growth);
  return std::max(next, sample.count + 1);
}

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

void print(const Sample& sample) {
  std::printf(
      "  %6zu  %9.0f packets/s  loss %6.3f %%  core: server %3.0f %%, generator %3.0f %%"
      "  %6.2f us/packet  %4.0f MB  delay p50 %5.2f ms, p99 %6.2f ms%s\n",
      sample.count, static_cast<double>(sample.received) / sample.seconds,
      100 * std::max(0.0, sample.loss()), 100 * sample.server_core(), 100 * sample.own_core(),
      sample.cpu_us_per_packet(), static_cast<double>(sample.server_bytes) / 1e6,
      milliseconds(sample.median_delay), milliseconds(sample.p99_delay),
      sample.dropped_by_us > 0 ? "  (the generator was too slow)" : "");
  std::fflush(stdout);
}

}  // namespace

Trial::Outcome Trial::run(const Limits& limits) {
  Outcome outcome;
  for (std::size_t count = limits.first; count <= limits.most;) {
    grow(count);
    Sample sample = measure(limits.each);
    // A hiccup of the machine is no limit of the server.
    if (!sample.good()) sample = measure(limits.each);
    print(sample);
    if (!sample.good()) {
      outcome.reached_limit = true;
      outcome.beyond = sample;
      return outcome;
    }
    if (outcome.best.count == 0) outcome.first = outcome.at_70 = sample;
    const auto off = [](const Sample& s) { return std::abs(s.server_core() - 0.7); };
    if (off(sample) < off(outcome.at_70)) outcome.at_70 = sample;
    outcome.best = sample;
    if (count == limits.most) break;
    count = std::min(next_count(sample), limits.most);
  }
  return outcome;
}

// ---- growing ----

void Trial::grow(std::size_t count) {
  while (count_ < count) {
    if (shape_ == Shape::Audience) {
      add_listeners(std::min(kJoinsAtOnce, count - count_));
    } else {
      add_meeting();
    }
  }
}

Member& Trial::add_member(Room& room, bool publishes, bool watches) {
  const std::string name = room.name + "-" + std::to_string(room.members.size());
  room.members.push_back(std::make_unique<Member>(
      Member{.room = room, .publishes = publishes, .watches = watches, .name = name}));
  Member& member = *room.members.back();
  sfu_.join(member);
  return member;
}

void Trial::add_listeners(std::size_t count) {
  if (rooms_.empty()) {
    Room& room = *rooms_.emplace_back(std::make_unique<Room>());
    room.name = "audience";
    sfu_.open(room);
    add_member(room, true, false);
    await_media(room, 0);
  }
  Room& room = *rooms_.front();
  const std::size_t from = room.members.size();
  for (std::size_t i = 0; i < count; ++i) sfu_.watch(add_member(room, false, true));
  await_media(room, from);
  count_ += count;
}

void Trial::add_meeting() {
  Room& room = *rooms_.emplace_back(std::make_unique<Room>());
  room.name = "meeting-" + std::to_string(rooms_.size());
  sfu_.open(room);
  for (std::size_t i = 0; i < kMeetingSize; ++i) add_member(room, true, true);
  const auto all_published = [&room] {
    return std::ranges::all_of(room.members, [](const auto& m) { return m->published; });
  };
  if (!generator_.run_until(all_published, kPatience)) {
    throw std::runtime_error("not everybody could publish in " + room.name);
  }
  for (const auto& member : room.members) sfu_.watch(*member);
  await_media(room, 0);
  ++count_;
}

/// Until the members from there on are connected and are sent everything that they watch.
void Trial::await_media(const Room& room, std::size_t from) {
  const auto publishers = static_cast<std::size_t>(
      std::ranges::count_if(room.members, [](const auto& m) { return m->publishes; }));
  const auto sends = [](const Member& m) { return m.published && m.sender->peer().connected(); };
  const auto ready = [&](const Member& member) {
    if (member.publishes && !sends(member)) return false;
    const std::size_t others = publishers - (member.publishes ? 1 : 0);
    return !member.watches ||
           (!member.receivers.empty() && member.sources() >= others * Stream::kSources);
  };
  const auto all_ready = [&] {
    for (const auto& member : room.members) {
      if (sends(*member)) generator_.start_media(*member->sender);
    }
    return std::all_of(room.members.begin() + static_cast<std::ptrdiff_t>(from), room.members.end(),
                       [&](const auto& member) { return ready(*member); });
  };
  if (!generator_.run_until(all_ready, kPatience)) {
    throw std::runtime_error("not everybody is sent media in " + room.name + " of " +
                             std::to_string(room.members.size()));
  }
}

// ---- measuring ----

/// Until everybody is sent everything: a server that estimates what each path carries may begin
/// with less. One that cannot carry the load is given up on.
void Trial::settle() {
  for (Duration waited{}; waited < kMostSettling; waited += kSettlingStep) {
    Sample sample;
    count(sample);
    generator_.run_for(kSettlingStep);
    count(sample);
    if (sample.good()) return;
  }
}

Sample Trial::measure(Duration length) {
  settle();
  generator_.pause(true);
  await_quiet();
  Sample sample{.count = count_};
  count(sample);
  const std::uint64_t dropped = generator_.dropped();
  const Duration server = sfu_.process().cpu_time();
  const Duration own = own_cpu_time();
  const TimePoint start = generator_.now();
  generator_.delays().clear();
  generator_.pause(false);
  generator_.run_for(length);
  generator_.pause(true);
  const auto seconds = [](Duration duration) {
    return static_cast<double>(duration.count()) / 1e9;
  };
  sample.seconds = seconds(generator_.now() - start);
  sample.server_cpu_seconds = seconds(sfu_.process().cpu_time() - server);
  sample.own_cpu_seconds = seconds(own_cpu_time() - own);
  generator_.run_for(kLatest);
  count(sample);
  generator_.pause(false);
  sample.dropped_by_us = generator_.dropped() - dropped;
  sample.server_bytes = sfu_.process().resident_bytes();
  for (const auto& room : rooms_) sample.sessions += room->members.size();
  sample.median_delay = generator_.delays().percentile(0.5);
  sample.p99_delay = generator_.delays().percentile(0.99);
  if (!sfu_.process().running()) throw std::runtime_error("the server has ended");
  return sample;
}

/// Until what was sent before has arrived or is lost for good: a server that is behind may take
/// long.
void Trial::await_quiet() {
  std::uint64_t before = 0;
  do {
    before = generator_.received();
    generator_.run_for(kQuiet);
  } while (generator_.received() != before);
}

/// Called twice: what is counted at the end, less what was counted at the beginning.
void Trial::count(Sample& sample) {
  std::uint64_t expected = 0;
  std::uint64_t received = 0;
  for (const auto& room : rooms_) {
    std::uint64_t sent = 0;
    for (const auto& member : room->members) {
      if (member->publishes) sent += generator_.sent_by(*member->sender);
    }
    for (const auto& member : room->members) {
      if (!member->watches) continue;
      expected += sent - (member->publishes ? generator_.sent_by(*member->sender) : 0);
      received += member->packets();
    }
  }
  sample.expected = expected - sample.expected;
  sample.received = received - sample.received;
}

std::uint64_t Trial::opened() const {
  std::uint64_t sum = 0;
  for (const auto& room : rooms_) {
    for (const auto& member : room->members) {
      for (Client* const receiver : member->receivers) {
        for (const auto& [ssrc, stream] : receiver->peer().received()) sum += stream.packets;
      }
    }
  }
  return sum;
}

std::uint64_t Trial::refused() const {
  std::uint64_t sum = 0;
  for (const auto& room : rooms_) {
    for (const auto& member : room->members) {
      for (Client* const receiver : member->receivers) sum += receiver->peer().datagrams_refused();
    }
  }
  return sum;
}

}  // namespace vis::bench
