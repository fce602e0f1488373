#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// What a client can do and what must be spared it, derived from what it said of itself.
struct ClientTraits {
  bool subscriber_primary = true;  ///< Can wait for the server's offer as its first connection.
  bool fast_start = true;          ///< Existing tracks may be in the first offer.
  bool ice_lite = true;            ///< Connects to a server that is ICE-lite.
  bool reuse_sections = true;      ///< Copes with a section that carries another track later.
  bool keep_one_codec = false;     ///< Must be answered with one codec per section.
  bool sync_streams = true;        ///< Copes with several tracks in one stream.
  std::vector<std::string> denied_publish_codecs;  ///< Lower-case mime types.
};

ClientTraits traits_of(const ClientInfo& client);

/// Lower-case mime types that may be published here, in the order in which clients should prefer
/// them, without the denied ones.
std::vector<std::string> publish_codecs(const ClientTraits& traits);

}  // namespace vis::core::rooms
