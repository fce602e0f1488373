#include "media/sfu/extension_ids.hpp"

#include <array>
#include <utility>

namespace vis::media::sfu {
namespace {

using Negotiated = negotiation::HeaderExtension;
using OnWire = rtp::HeaderExtension;

constexpr std::array kPairs{
    std::pair{Negotiated::Mid, OnWire::Mid},
    std::pair{Negotiated::StreamId, OnWire::Rid},
    std::pair{Negotiated::RepairedStreamId, OnWire::RepairedRid},
    std::pair{Negotiated::AudioLevel, OnWire::AudioLevel},
    std::pair{Negotiated::TransportSequenceNumber, OnWire::TransportWideCc},
    std::pair{Negotiated::AbsSendTime, OnWire::AbsSendTime},
    std::pair{Negotiated::AbsCaptureTime, OnWire::AbsCaptureTime},
    std::pair{Negotiated::VideoOrientation, OnWire::VideoOrientation},
    std::pair{Negotiated::PlayoutDelay, OnWire::PlayoutDelay},
    std::pair{Negotiated::DependencyDescriptor, OnWire::DependencyDescriptor},
};
static_assert(kPairs.size() == negotiation::kHeaderExtensions);

}  // namespace

rtp::ExtensionMap to_extension_map(const negotiation::ExtensionIds& ids) {
  rtp::ExtensionMap map;
  for (const auto& [negotiated, on_wire] : kPairs) {
    if (ids[negotiated] != 0) map.add(on_wire, ids[negotiated]);
  }
  return map;
}

}  // namespace vis::media::sfu
