#pragma once

#include <cstdint>

#include "media/rtp/packet.hpp"
#include "media/sfu/payload_inspector.hpp"
#include "media/sfu/slab_pool.hpp"

namespace vis::media::sfu {

/// A decrypted packet of one layer on its way to the layer's subscribers.
struct ForwardPacket {
  SlabRef slab;
  rtp::PacketView view;       ///< Into the slab.
  std::int64_t sequence = 0;  ///< Unwrapped.
  PayloadInfo info;
  bool resumes = false;  ///< What came directly before it was withheld from everybody.
};

}  // namespace vis::media::sfu
