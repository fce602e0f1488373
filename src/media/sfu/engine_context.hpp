#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "media/dtls/output.hpp"
#include "media/ice/credentials.hpp"
#include "media/ice/output.hpp"
#include "media/rtp/header_writer.hpp"
#include "media/sfu/address_book.hpp"
#include "media/sfu/egress.hpp"
#include "media/sfu/engine.hpp"
#include "media/sfu/events.hpp"
#include "media/sfu/neighbourhood.hpp"
#include "media/sfu/pacer.hpp"
#include "media/sfu/slab_pool.hpp"
#include "media/srtp/crypto.hpp"

namespace vis::media::sfu {

class Layer;

/// What all parts of one engine share: its packet memory, its way out, its cipher engine. Owned by
/// the engine and outlives them all; one thread.
struct EngineContext {
  EngineContext(RandomSource& random_source, EgressSink& egress_sink, std::size_t max_slabs,
                srtp::Backend backend)
      : random(random_source), sink(egress_sink), slabs(max_slabs), crypto(backend) {
    headers.reserve(kHeaderScratch);
    dirty_layers.reserve(kDirtyLayers);
  }

  /// Makes sure that one more datagram can be reserved.
  void make_room() {
    if (!egress.has_room()) send_all();
  }
  void send_all() {
    crypto.flush();
    egress.flush(sink);
  }

  ice::Credentials new_ice_credentials() const {
    return ice::Credentials::generate(random, ufrag_prefix);
  }

  /// Notes that a transport's next deadline may have moved; looked at by the next flush.
  void touch(TransportId transport) {
    if (touched.empty() || touched.back() != transport) touched.push_back(transport);
  }

  RandomSource& random;
  EgressSink& sink;
  std::string ufrag_prefix;  ///< As EngineConfig::ufrag_prefix.
  SlabPool slabs;
  PacedPacketPool paced;
  srtp::Crypto crypto;
  EgressQueue egress;
  AddressBook addresses;
  Neighbourhood neighbours{*this};
  /// Scratch of the transports, one at a time.
  dtls::Output dtls_output;
  ice::Output ice_output;
  EngineCounters counters;
  std::vector<Event> events;
  /// Layers with packets to be forwarded at the next flush.
  std::vector<Layer*> dirty_layers;
  std::vector<TransportId> touched;
  /// Scratch of Receiver::fan_out: one template per gathered packet and extension group.
  std::vector<rtp::HeaderTemplate> headers;
  /// The header extension's value for this flush.
  std::uint32_t abs_send_time = 0;

 private:
  static constexpr std::size_t kHeaderScratch = 512;
  static constexpr std::size_t kDirtyLayers = 256;
};

}  // namespace vis::media::sfu
