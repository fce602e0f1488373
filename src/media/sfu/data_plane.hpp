#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "media/sfu/events.hpp"

namespace vis::media::sfu {

/// What SCTP needs to know of a transport.
struct DataAssociation {
  bool offers_channels = false;  ///< The server opens the channels.
  bool dtls_client = false;      ///< Our role, which tells whose stream numbers are even.
  std::uint16_t remote_port = 5000;
  std::uint64_t remote_max_message_size = 65536;  ///< 0 = no limit.
};

/// Where the engine's DTLS application data, which is SCTP, goes. The SCTP stack may live on
/// another thread; what it sends comes back through Engine::send_sctp,
/// never from within these calls.
class DataPlane {
 public:
  virtual ~DataPlane() = default;
  /// DTLS is up and the data section is negotiated.
  virtual void open(TransportId transport, const DataAssociation& association) = 0;
  virtual void receive(TransportId transport, Bytes packet) = 0;
  virtual void close(TransportId transport) = 0;
};

}  // namespace vis::media::sfu
