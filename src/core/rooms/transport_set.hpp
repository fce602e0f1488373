#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/rooms/media_port.hpp"

namespace vis::core::rooms {

/// The peer connections of one participant, and which of them does what. Empty until opened.
class TransportSet final {
 public:
  struct Transport {
    TransportId id{};
    TransportRole role = TransportRole::Publisher;
    std::optional<TransportState> state;  ///< Nothing before it was first connected (or failed).
    bool offered = false;                 ///< The server has begun to offer it.
  };

  /// The first one is the primary: when it is up, the client is connected.
  void open(std::vector<Transport> transports) { transports_ = std::move(transports); }
  bool is_open() const { return !transports_.empty(); }
  std::span<const Transport> all() const { return transports_; }

  Transport* find(TransportId id);
  const Transport& primary() const;
  /// Over which the client sends.
  const Transport& uplink() const;
  /// Over which the client receives.
  Transport& downlink();

  /// None of those in use is down.
  bool connected() const;
  bool any_failed() const;

 private:
  std::vector<Transport> transports_;
};

}  // namespace vis::core::rooms
