// A cable with the faults of a network: joins this machine and a network namespace by two TUN
// devices, between which packets wait, are lost and come late as support/network.hpp says. It needs
// no traffic control of the kernel, which not every kernel has. Arguments: the device here, the
// namespace's file, the device there. "ready" is printed when both are there; then each line of
// standard input is a change for both directions, `rate_kbps=500 delay_ms=20 loss=0.05
// queue_ms=300`, answered by "ok" (what is not named is free of faults). `nat_shift=4096` moves the
// UDP ports over there by so many, as a NAT in between that has forgotten them and chosen others.
// `passes=udp:3478,tcp` is a firewall: nothing else reaches this machine or comes back from it. Its
// end ends the link.

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "support/network.hpp"

namespace vis::test {
namespace {

constexpr std::size_t kPacketBytes = 65'536;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "lossy_link: %s: %s\n", what, std::strerror(errno));
  std::exit(EXIT_FAILURE);
}

int open_tun(std::string_view name) {
  const int file = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail("/dev/net/tun");
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(file, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
  return file;
}

/// In the other namespace; this process comes back from there.
int open_tun_in(const char* name_space, std::string_view name) {
  const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = ::open(name_space, O_RDONLY | O_CLOEXEC);
  if (home < 0 || there < 0 || ::setns(there, CLONE_NEWNET) < 0) fail(name_space);
  const int file = open_tun(name);
  if (::setns(home, CLONE_NEWNET) < 0) fail("setns");
  ::close(home);
  ::close(there);
  return file;
}

constexpr std::size_t kIpBytes = 20;
/// In the headers of UDP and TCP alike.
constexpr std::size_t kSourcePortAt = 0;
constexpr std::size_t kDestinationPortAt = 2;

unsigned byte_of(std::span<const char> packet, std::size_t at) {
  return static_cast<unsigned char>(packet[at]);
}

unsigned port_of(std::span<const char> packet, std::size_t port_at) {
  return (byte_of(packet, kIpBytes + port_at) << 8) + byte_of(packet, kIpBytes + port_at + 1);
}

/// Of an IPv4 packet without options that is long enough for ports; 0 for any other.
unsigned protocol_of(std::span<const char> packet) {
  constexpr unsigned kIpv4WithoutOptions = 0x45;
  constexpr std::size_t kProtocolAt = 9;
  if (packet.size() < kIpBytes + 8 || byte_of(packet, 0) != kIpv4WithoutOptions) return 0;
  return byte_of(packet, kProtocolAt);
}

/// Adds `shift` to one port of an IPv4 packet with a UDP header, and leaves any other as it is.
void shift_port(std::span<char> packet, std::size_t port_at, std::uint16_t shift) {
  constexpr std::size_t kChecksumAt = kIpBytes + 6;
  if (shift == 0 || protocol_of(packet) != IPPROTO_UDP) return;
  const auto port = static_cast<std::uint16_t>(port_of(packet, port_at) + shift);
  packet[kIpBytes + port_at] = static_cast<char>(port >> 8);
  packet[kIpBytes + port_at + 1] = static_cast<char>(port);
  // Zero: there is none, as IPv4 allows.
  packet[kChecksumAt] = packet[kChecksumAt + 1] = 0;
}

/// What a firewall lets through: a protocol, to and from one port of this machine or any.
struct Pass {
  unsigned protocol = 0;
  unsigned port = 0;  ///< 0: any.

  bool fits(std::span<const char> packet, std::size_t port_at) const {
    return protocol_of(packet) == protocol && (port == 0 || port_of(packet, port_at) == port);
  }
};

/// From one device to the other.
class Direction final {
 public:
  /// Where in the headers of UDP and TCP the ports of the two machines stand.
  struct Ports {
    std::size_t here_at;
    std::size_t there_at;
  };
  Direction(int from, int to, Ports ports)
      : from_(from), to_(to), ports_(ports), network_(ports.there_at + 1, {}) {}

  void translate(std::uint16_t shift) { shift_ = shift; }
  void let_through(std::vector<Pass> passes) { passes_ = std::move(passes); }

  void change(TimePoint now, const NetworkConditions& conditions) {
    network_.change_at(now, conditions);
  }

  void take(TimePoint now) {
    std::array<char, kPacketBytes> packet{};
    for (ssize_t size = 0; (size = ::read(from_, packet.data(), packet.size())) > 0;) {
      const auto bytes = static_cast<std::size_t>(size);
      if (!may_pass(std::span{packet}.first(bytes))) continue;
      shift_port(std::span{packet}.first(bytes), ports_.there_at, shift_);
      const auto arrival = network_.send(now, bytes);
      if (arrival) {
        under_way_.emplace(*arrival, std::vector<char>(packet.data(), packet.data() + bytes));
      }
    }
  }

  void deliver(TimePoint now) {
    while (!under_way_.empty() && under_way_.begin()->first <= now) {
      const std::vector<char>& packet = under_way_.begin()->second;
      // A device that is down takes nothing: the packet is lost, as on a cable.
      if (::write(to_, packet.data(), packet.size()) < 0 && errno != EIO) fail("write");
      under_way_.erase(under_way_.begin());
    }
  }

  Duration until_next(TimePoint now, Duration most) const {
    if (under_way_.empty()) return most;
    return std::clamp(under_way_.begin()->first - now, Duration::zero(), most);
  }

 private:
  bool may_pass(std::span<const char> packet) const {
    const auto fits = [&](const Pass& pass) { return pass.fits(packet, ports_.here_at); };
    return passes_.empty() || std::ranges::any_of(passes_, fits);
  }

  int from_;
  int to_;
  Ports ports_;
  std::uint16_t shift_ = 0;
  std::vector<Pass> passes_;  ///< None: there is no firewall.
  Network network_;
  std::multimap<TimePoint, std::vector<char>> under_way_;
};

double number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    errno = EINVAL;
    fail("a number of a condition");
  }
  return value;
}

Duration milliseconds(double ms) { return Duration{static_cast<std::int64_t>(ms * 1e6)}; }

NetworkConditions parse_conditions(std::string_view line) {
  NetworkConditions conditions{.delay = Duration::zero()};
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = word.substr(0, equals);
    if (name == "nat_shift" || name == "passes") continue;
    const double value = number(word.substr(equals + 1));
    if (name == "rate_kbps") conditions.rate_bps = static_cast<std::int64_t>(value * 1000);
    if (name == "delay_ms") conditions.delay = milliseconds(value);
    if (name == "queue_ms") conditions.queue = milliseconds(value);
    if (name == "loss") conditions.loss = value;
  }
  return conditions;
}

/// The value of `NAME=VALUE` in a line of such words; empty when there is none.
std::string_view value_of(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return {};
  const std::string_view value = line.substr(at + name.size());
  return value.substr(0, value.find(' '));
}

std::uint16_t parse_shift(std::string_view line) {
  const std::string_view value = value_of(line, "nat_shift=");
  return value.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(number(value));
}

std::vector<Pass> parse_passes(std::string_view line) {
  std::vector<Pass> passes;
  for (std::string_view rest = value_of(line, "passes="); !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const std::string_view protocol = word.substr(0, word.find(':'));
    Pass pass{.protocol = protocol == "udp" ? IPPROTO_UDP : IPPROTO_TCP};
    if (protocol != word) pass.port = static_cast<unsigned>(number(word.substr(4)));
    passes.push_back(pass);
  }
  return passes;
}

/// Reads one line, without the end of it; false when there are no more.
bool read_line(std::string& line) {
  line.clear();
  for (char letter = 0; ::read(STDIN_FILENO, &letter, 1) == 1;) {
    if (letter == '\n') return true;
    line += letter;
  }
  return false;
}

void say(std::string_view word) {
  if (::write(STDOUT_FILENO, word.data(), word.size()) < 0) std::exit(EXIT_FAILURE);
}

void run(int here, int there) {
  Direction away(here, there, {.here_at = kSourcePortAt, .there_at = kDestinationPortAt});
  Direction back(there, here, {.here_at = kDestinationPortAt, .there_at = kSourcePortAt});
  std::string line;
  for (;;) {
    const TimePoint before = monotonic_now();
    const Duration wait = away.until_next(before, back.until_next(before, 1s));
    std::array<pollfd, 3> files{{{.fd = here, .events = POLLIN, .revents = 0},
                                 {.fd = there, .events = POLLIN, .revents = 0},
                                 {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}}};
    const timespec timeout{.tv_sec = wait / 1s, .tv_nsec = (wait % 1s).count()};
    if (::ppoll(files.data(), files.size(), &timeout, nullptr) < 0 && errno != EINTR) fail("poll");
    const TimePoint now = monotonic_now();
    away.take(now);
    back.take(now);
    if (files[2].revents != 0) {
      if (!read_line(line)) return;
      away.change(now, parse_conditions(line));
      back.change(now, parse_conditions(line));
      const std::uint16_t shift = parse_shift(line);
      away.translate(static_cast<std::uint16_t>(-shift));
      back.translate(shift);
      away.let_through(parse_passes(line));
      back.let_through(parse_passes(line));
      say("ok\n");
    }
    away.deliver(now);
    back.deliver(now);
  }
}

}  // namespace
}  // namespace vis::test

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: lossy_link DEVICE NAMESPACE_FILE DEVICE\n");
    return EXIT_FAILURE;
  }
  const int there = vis::test::open_tun_in(argv[2], argv[3]);
  const int here = vis::test::open_tun(argv[1]);
  vis::test::say("ready\n");
  vis::test::run(here, there);
  return EXIT_SUCCESS;
}
