#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace vis::media::stun {

/// The CRC-32 of ITU-T V.42 (that of Ethernet and zlib), which FINGERPRINT uses.
std::uint32_t crc32(Bytes bytes);

}  // namespace vis::media::stun
