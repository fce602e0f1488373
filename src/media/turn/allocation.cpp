#include "media/turn/allocation.hpp"

#include <algorithm>

#include "base/limits/media_turn.hpp"

namespace vis::media::turn {

void Allocation::permit(TimePoint now, const IpAddress& peer) {
  const auto known = std::ranges::find(permissions_, peer, &Permission::peer);
  if (known != permissions_.end()) {
    known->expires_at = now + kPermissionLifetime;
  } else {
    permissions_.push_back({.peer = peer, .expires_at = now + kPermissionLifetime});
  }
}

bool Allocation::permits(TimePoint now, const IpAddress& peer) const {
  const auto known = std::ranges::find(permissions_, peer, &Permission::peer);
  return known != permissions_.end() && now < known->expires_at;
}

Allocation::BindResult Allocation::bind(TimePoint now, std::uint16_t channel, std::size_t peer) {
  std::erase_if(channels_, [now](const Channel& each) { return now >= each.expires_at; });
  for (Channel& each : channels_) {
    if (each.number != channel && each.peer != peer) continue;
    if (each.number != channel || each.peer != peer) return BindResult::Conflict;
    each.expires_at = now + kChannelLifetime;
    return BindResult::Bound;
  }
  if (channels_.size() == limits::kTurnChannels) return BindResult::Full;
  channels_.push_back({.number = channel, .peer = peer, .expires_at = now + kChannelLifetime});
  return BindResult::Bound;
}

std::optional<std::size_t> Allocation::peer_of(TimePoint now, std::uint16_t channel) const {
  const auto found = std::ranges::find(channels_, channel, &Channel::number);
  if (found == channels_.end() || now >= found->expires_at) return std::nullopt;
  return found->peer;
}

std::optional<std::uint16_t> Allocation::channel_of(TimePoint now, std::size_t peer) const {
  const auto found = std::ranges::find(channels_, peer, &Channel::peer);
  if (found == channels_.end() || now >= found->expires_at) return std::nullopt;
  return found->number;
}

}  // namespace vis::media::turn
