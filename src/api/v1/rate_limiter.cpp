#include "api/v1/rate_limiter.hpp"

#include <algorithm>
#include <cstdint>

namespace vis::api::v1 {
namespace {

constexpr std::ptrdiff_t kNetworkBytes = 8;  // of an IPv6 address: a /64

IpAddress network_of(const IpAddress& client) {
  if (!client.is_v6()) return client;
  IpAddress::V6Bytes bytes = client.v6_bytes();
  std::fill(bytes.begin() + kNetworkBytes, bytes.end(), std::uint8_t{0});
  return IpAddress::v6(bytes);
}

}  // namespace

bool RateLimiter::allow(const IpAddress& client, TimePoint now) {
  const IpAddress network = network_of(client);
  if (full_at_.size() >= limits_.clients_max && !full_at_.contains(network)) {
    forget_idle(now);
    if (full_at_.size() >= limits_.clients_max) return false;
  }
  TimePoint& full_at = full_at_.try_emplace(network, now).first->second;
  const TimePoint next = std::max(full_at, now) + limits_.interval;
  if (next - now > limits_.at_once * limits_.interval) return false;
  full_at = next;
  return true;
}

void RateLimiter::forget_idle(TimePoint now) {
  std::erase_if(full_at_, [now](const auto& entry) { return entry.second <= now; });
}

}  // namespace vis::api::v1
