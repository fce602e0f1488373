#include "core/rooms/transport_set.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace vis::core::rooms {

TransportSet::Transport* TransportSet::find(TransportId id) {
  const auto at = std::ranges::find(transports_, id, &Transport::id);
  return at == transports_.end() ? nullptr : &*at;
}

const TransportSet::Transport& TransportSet::primary() const {
  VIS_ASSERT(is_open());
  return transports_.front();
}

const TransportSet::Transport& TransportSet::uplink() const {
  const auto at = std::ranges::find_if(transports_, [](const Transport& transport) {
    return transport.role != TransportRole::Subscriber;
  });
  VIS_ASSERT(at != transports_.end());
  return *at;
}

TransportSet::Transport& TransportSet::downlink() {
  const auto at = std::ranges::find_if(transports_, [](const Transport& transport) {
    return transport.role != TransportRole::Publisher;
  });
  VIS_ASSERT(at != transports_.end());
  return *at;
}

bool TransportSet::connected() const {
  return std::ranges::all_of(transports_, [](const Transport& transport) {
    return transport.state.value_or(TransportState::Connected) == TransportState::Connected;
  });
}

bool TransportSet::any_failed() const {
  return std::ranges::any_of(transports_, [](const Transport& transport) {
    return transport.state == TransportState::Failed;
  });
}

}  // namespace vis::core::rooms
