#include "http/egress_guard.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace vis::http {
namespace {

struct V4Range {
  IpAddress::V4Bytes first;
  std::uint8_t length;
};
struct V6Range {
  std::array<std::uint8_t, 4> first;  ///< The rest is zero.
  std::uint8_t length;
};

/// IANA IPv4 Special-Purpose Address Registry, without what is globally reachable; and class D.
constexpr V4Range kSpecialV4[] = {
    {{0, 0, 0, 0}, 8},       // "this network"
    {{10, 0, 0, 0}, 8},      // private use
    {{100, 64, 0, 0}, 10},   // shared address space of carriers
    {{127, 0, 0, 0}, 8},     // loopback
    {{169, 254, 0, 0}, 16},  // link local: also the metadata services of clouds
    {{172, 16, 0, 0}, 12},   // private use
    {{192, 0, 0, 0}, 24},    // IETF protocol assignments
    {{192, 0, 2, 0}, 24},    // documentation
    {{192, 88, 99, 0}, 24},  // 6to4 relays, deprecated
    {{192, 168, 0, 0}, 16},  // private use
    {{198, 18, 0, 0}, 15},   // benchmarking
    {{198, 51, 100, 0}, 24}, {{203, 0, 113, 0}, 24},  // documentation, like the one before
    {{224, 0, 0, 0}, 4},                              // multicast
    {{240, 0, 0, 0}, 4},                              // reserved, and broadcast
};

/// What is not for everybody within 2000::/3, the only part of IPv6 that is handed out.
constexpr V6Range kGlobalV6{{0x20, 0, 0, 0}, 3};
constexpr V6Range kSpecialV6[] = {
    {{0x20, 0x01, 0, 0}, 23},        // IETF protocol assignments: Teredo, ORCHID and others
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02, 0, 0}, 16},        // 6to4: leads to the IPv4 address within
    {{0x3f, 0xff, 0, 0}, 20},        // documentation
};

bool holds(const V4Range& range, const IpAddress& address) {
  return IpPrefix{IpAddress::v4(range.first), range.length}.contains(address);
}

bool holds(const V6Range& range, const IpAddress& address) {
  IpAddress::V6Bytes bytes{};
  std::ranges::copy(range.first, bytes.begin());
  return IpPrefix{IpAddress::v6(bytes), range.length}.contains(address);
}

/// 64:ff9b::/96 (RFC 6052): how a network without IPv4 reaches the IPv4 address in the last bytes.
bool is_translated(const IpAddress::V6Bytes& bytes) {
  constexpr std::array<std::uint8_t, 12> kPrefix{0x00, 0x64, 0xff, 0x9b};
  return std::equal(kPrefix.begin(), kPrefix.end(), bytes.begin());
}

bool is_public(const IpAddress& address) {
  const auto holds_it = [&](const auto& range) { return holds(range, address); };
  if (!address.is_v6()) return std::ranges::none_of(kSpecialV4, holds_it);
  const IpAddress::V6Bytes& bytes = address.v6_bytes();
  if (is_translated(bytes)) {
    return is_public(IpAddress::v4({bytes[12], bytes[13], bytes[14], bytes[15]}));
  }
  return holds_it(kGlobalV6) && std::ranges::none_of(kSpecialV6, holds_it);
}

}  // namespace

EgressGuard::EgressGuard(std::vector<IpPrefix> allowed) : allowed_(std::move(allowed)) {}

bool EgressGuard::may_connect(const IpAddress& address) const {
  const auto holds_it = [&](const IpPrefix& prefix) { return prefix.contains(address); };
  return std::ranges::any_of(allowed_, holds_it) || is_public(address);
}

}  // namespace vis::http
