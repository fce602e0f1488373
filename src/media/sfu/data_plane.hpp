#pragma once

#include "base/bytes.hpp"
#include "media/sfu/events.hpp"

namespace vis::media::sfu {

/// Where the engine's DTLS application data, which is SCTP, goes. The SCTP stack may live on
/// another thread; what it sends comes back through Engine::send_sctp.
class DataPlane {
 public:
  virtual ~DataPlane() = default;
  /// DTLS is up. `offers_channels` when the server opens the channels of this transport.
  virtual void open(TransportId transport, bool offers_channels) = 0;
  virtual void receive(TransportId transport, Bytes packet) = 0;
  virtual void close(TransportId transport) = 0;
};

}  // namespace vis::media::sfu
