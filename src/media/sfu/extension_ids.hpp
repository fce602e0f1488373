#pragma once

#include "media/negotiation/capabilities.hpp"
#include "media/rtp/extensions.hpp"

namespace vis::media::sfu {

/// What was negotiated for a section, as the packet path reads and writes it.
rtp::ExtensionMap to_extension_map(const negotiation::ExtensionIds& ids);

}  // namespace vis::media::sfu
