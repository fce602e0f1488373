#pragma once

#include <string_view>

#include "core/rooms/offer_reader.hpp"
#include "media/negotiation/capabilities.hpp"

namespace vis::media_io {

/// Reads offers with the parser and the rules by which the engine will judge them. Stateless but
/// for the list of what this server forwards; any thread.
class SdpOfferReader final : public core::rooms::OfferReader {
 public:
  Result<core::rooms::OfferSummary> read(std::string_view sdp) const override;

 private:
  media::negotiation::Capabilities capabilities_ = media::negotiation::Capabilities::standard();
};

}  // namespace vis::media_io
