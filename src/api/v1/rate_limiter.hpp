#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/socket_address.hpp"
#include "base/time.hpp"

namespace vis::api::v1 {

/// How often one client may do something: `at_once` times, then once every `interval` (a token
/// bucket per address). All addresses of an IPv6 /64 count as one client, since each has that many.
///
/// Control thread. Remembers at most `clients_max` addresses; while all of them are busy, a new one
/// is refused.
class RateLimiter final {
 public:
  struct Limits {
    std::uint32_t at_once = 1;
    Duration interval = 1s;
    std::size_t clients_max = 1;
  };
  explicit RateLimiter(const Limits& limits) : limits_(limits) {}

  /// Whether the client may now; counts if so.
  bool allow(const IpAddress& client, TimePoint now);

 private:
  struct Hash {
    std::size_t operator()(const IpAddress& address) const {
      return std::hash<SocketAddress>{}(SocketAddress{.ip = address});
    }
  };

  void forget_idle(TimePoint now);

  Limits limits_;
  /// When each client's bucket will be full again; one that is full need not be remembered.
  std::unordered_map<IpAddress, TimePoint, Hash> full_at_;
};

}  // namespace vis::api::v1
