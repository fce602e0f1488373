#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// One section of a client's offer, as far as rooms care.
struct OfferedSection {
  std::string mid;
  TrackKind kind = TrackKind::Audio;
  bool sends = false;      ///< The client would send here.
  bool receives = false;   ///< The client would receive here.
  bool usable = false;     ///< We forward one of its formats at least.
  std::string stream_id;   ///< Of its msid; empty for none.
  std::string track_id;    ///< Of its msid; empty for none.
  std::size_t layers = 0;  ///< Simulcast encodings that it would send; 0 without rids.
  bool stereo = false;     ///< Its Opus has two channels worth keeping.
  bool dtx = false;        ///< Its Opus may fall silent.
};

/// An offer that is well-formed and could be answered. Rejected and data sections are left out.
struct OfferSummary {
  std::vector<OfferedSection> sections;
  std::string ice_ufrag;
  std::string ice_pwd;
};

/// Reads offers without applying them, for dialects in which the offer itself says what is to be
/// published: what it asks for is checked before anybody is let into a room. A pure function;
/// callable on any thread.
class OfferReader {
 public:
  virtual ~OfferReader() = default;

  /// InvalidArgument for what is no offer of one WebRTC connection.
  virtual Result<OfferSummary> read(std::string_view sdp) const = 0;
};

}  // namespace vis::core::rooms
