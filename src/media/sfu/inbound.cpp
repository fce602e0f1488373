#include "media/sfu/inbound.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/byte_order.hpp"
#include "base/limits/media_sfu.hpp"
#include "media/rtp/rtx.hpp"
#include "media/sfu/layer.hpp"
#include "media/sfu/receiver.hpp"

namespace vis::media::sfu {
namespace {

/// Turns the retransmission in a slab of its own into the packet that it repeats (RFC 4588 section
/// 4): the header stays, but for source, payload type and sequence number; the payload moves over
/// the two bytes in front of it. Nothing for a packet that only probes for bandwidth.
std::optional<rtp::PacketView> restore_original(Slab& slab, const rtp::PacketView& view,
                                                const Layer& layer, std::uint8_t payload_type) {
  const auto rtx = rtp::RtxPayload::parse(view.payload());
  if (!rtx) return std::nullopt;
  const std::size_t header_size = view.header().size;
  const std::size_t payload_size = rtx->payload.size();
  const std::uint8_t marker = view.marker() ? 0x80 : 0;
  std::uint8_t* const bytes = slab.room.data();
  constexpr std::uint8_t kPaddingBit = 0x20;
  bytes[0] = static_cast<std::uint8_t>(bytes[0] & ~kPaddingBit);
  bytes[1] = static_cast<std::uint8_t>(marker | payload_type);
  store_be(bytes + 2, rtx->original_sequence);
  store_be(bytes + 8, layer.ssrc());
  std::memmove(bytes + header_size, bytes + header_size + rtp::RtxPayload::kPrefixBytes,
               payload_size);
  slab.size = static_cast<std::uint32_t>(header_size + payload_size);
  return rtp::PacketView::parse(slab.packet());
}

}  // namespace

void Inbound::set_keys(const srtp::SessionKeys& keys) {
  srtp_.emplace(context_.crypto, keys);
  // Packet indices count afresh under new keys.
  for (auto& [ssrc, stream] : streams_) stream.srtp = {};
  rtcp_streams_.clear();
}

void Inbound::set_section(const std::string& mid, Receiver* receiver) {
  const auto found = std::ranges::find(sections_, mid, &Section::mid);
  if (found == sections_.end()) {
    if (receiver != nullptr) sections_.push_back({.mid = mid, .receiver = receiver});
  } else {
    found->receiver = receiver;
  }
  // BUNDLE gives an id one meaning in all sections, so one map reads every packet.
  extensions_ = {};
  for (const Section& section : sections_) {
    if (section.receiver == nullptr) continue;
    for (const rtp::HeaderExtension kind : rtp::kHeaderExtensions) {
      const std::uint8_t id = section.receiver->extensions().id(kind);
      if (id != 0) extensions_.add(kind, id);
    }
  }
}

void Inbound::forget(const Receiver& receiver) {
  std::erase_if(sections_, [&](const Section& s) { return s.receiver == &receiver; });
  for (auto& [ssrc, stream] : streams_) {
    if (stream.receiver == &receiver) stream.receiver = nullptr;
  }
}

void Inbound::on_rtp(TimePoint now, Bytes datagram) {
  const auto header = rtp::Header::parse(datagram);
  if (!header || !srtp_ || datagram.size() > Slab::kCapacity) return reject();
  if (const auto found = streams_.find(header->ssrc); found != streams_.end()) {
    auto packet = open(found->second.srtp, datagram);
    if (!packet) return;
    found->second.last_packet = now;
    if (layer_of(found->second) == nullptr) bind(found->second, *packet);
    return deliver(now, found->second, *std::move(packet));
  }
  srtp::InboundStream fresh;
  auto packet = open(fresh, datagram);
  if (!packet) return;
  if (!make_room()) return reject();
  Stream& stream = streams_[header->ssrc];
  stream.srtp = fresh;
  stream.last_packet = now;
  bind(stream, *packet);
  deliver(now, stream, *std::move(packet));
}

/// A source that is forgotten could be replayed from the beginning. So that happens as late as can
/// be, and finds a section only if the client has put another track there.
bool Inbound::make_room() {
  if (streams_.size() < limits::kInboundStreams) return true;
  auto oldest = streams_.end();
  for (auto it = streams_.begin(); it != streams_.end(); ++it) {
    if (feeds_layer(it->second)) continue;
    const bool older =
        oldest == streams_.end() || it->second.last_packet < oldest->second.last_packet;
    if (older) oldest = it;
  }
  if (oldest == streams_.end()) return false;
  streams_.erase(oldest);
  return true;
}

std::optional<Layer::Arrival> Inbound::open(srtp::InboundStream& state, Bytes datagram) {
  SlabRef slab = context_.slabs.take(datagram.size());
  if (!slab) {
    ++context_.counters.slabs_exhausted;
    return std::nullopt;
  }
  const auto size = srtp_->unprotect_rtp(state, datagram, slab->room);
  if (!size) {
    ++context_.counters.srtp_rejected;
    reject();
    return std::nullopt;
  }
  slab->size = static_cast<std::uint32_t>(*size);
  const auto view = rtp::PacketView::parse(slab->packet());
  if (!view) {
    reject();
    return std::nullopt;
  }
  const auto extensions = rtp::ExtensionValues::read(view->elements(), extensions_);
  return Layer::Arrival{.slab = std::move(slab), .view = *view, .extensions = extensions};
}

Layer* Inbound::layer_of(const Stream& stream) {
  return stream.receiver == nullptr ? nullptr : stream.receiver->layer(stream.layer);
}

/// False also for a source that another one has replaced in its layer.
bool Inbound::feeds_layer(const Stream& stream) {
  const Layer* const layer = layer_of(stream);
  return layer != nullptr && layer->ssrc() == stream.source;
}

Receiver* Inbound::receiver_for(const Layer::Arrival& packet) const {
  if (packet.extensions.mid) {
    const auto found = std::ranges::find(sections_, *packet.extensions.mid, &Section::mid);
    return found == sections_.end() ? nullptr : found->receiver;
  }
  const std::uint32_t ssrc = packet.view.ssrc();
  const std::uint8_t type = packet.view.payload_type();
  Receiver* of_type = nullptr;
  int with_type = 0;
  for (const Section& section : sections_) {
    if (section.receiver == nullptr || !section.receiver->bound()) continue;
    for (const negotiation::Source& source : section.receiver->section()->sources) {
      if (source.ssrc == ssrc || source.rtx_ssrc == ssrc) return section.receiver;
    }
    const negotiation::NegotiatedCodec& codec = section.receiver->codec();
    if (codec.codec.payload_type != type && codec.rtx_payload_type != type) continue;
    of_type = section.receiver;
    ++with_type;
  }
  // RFC 8843 section 9.2: a payload type that only one section has names that section.
  return with_type == 1 ? of_type : nullptr;
}

void Inbound::bind(Stream& stream, const Layer::Arrival& packet) {
  Receiver* const receiver = receiver_for(packet);
  if (receiver == nullptr || !receiver->bound()) return;
  const std::uint32_t ssrc = packet.view.ssrc();
  const std::uint8_t type = packet.view.payload_type();
  Layer* layer = nullptr;
  stream.retransmits = receiver->codec().rtx_payload_type == type;
  if (!stream.retransmits) {
    layer = receiver->layer_for(packet.extensions.rid.value_or(""), ssrc, type);
  } else if (packet.extensions.repaired_rid) {
    layer = receiver->layer_of_rid(*packet.extensions.repaired_rid);
  } else if (layer = receiver->layer_of_declared_rtx(ssrc); layer == nullptr) {
    if (receiver->section()->layers.empty()) layer = receiver->layer(0);
  }
  stream.receiver = layer == nullptr ? nullptr : receiver;
  if (layer == nullptr) return;
  stream.layer = layer->index();
  stream.source = layer->ssrc();
}

void Inbound::deliver(TimePoint now, const Stream& stream, Layer::Arrival packet) {
  ++context_.counters.rtp_received;
  received_ = true;
  any_source_ = packet.view.ssrc();
  if (packet.extensions.transport_sequence) {
    feedback_.on_packet(now, *packet.extensions.transport_sequence);
  } else if (packet.extensions.abs_send_time) {
    if (estimator_ == nullptr) {
      estimator_ = std::make_unique<congestion::ReceiveSideEstimator>();
    }
    estimator_->on_packet(now, *packet.extensions.abs_send_time, packet.slab.packet().size());
  }
  // One source in two sections: the section that came first keeps it.
  const bool elsewhere = packet.extensions.mid && receiver_for(packet) != stream.receiver;
  if (elsewhere || !feeds_layer(stream)) return reject();
  Layer* const layer = layer_of(stream);
  const negotiation::NegotiatedCodec& codec = stream.receiver->codec();
  if (!stream.retransmits) {
    // Comfort noise and other formats beside the track's own are of no use to subscribers.
    if (packet.view.payload_type() != codec.codec.payload_type) return reject();
    if (!layer->on_packet(now, std::move(packet))) reject();
    return;
  }
  const auto original =
      restore_original(*packet.slab, packet.view, *layer, codec.codec.payload_type);
  if (!original) return;
  packet.view = *original;
  packet.extensions = rtp::ExtensionValues::read(original->elements(), extensions_);
  packet.recovered = true;
  if (!layer->on_packet(now, std::move(packet))) reject();
}

std::optional<Bytes> Inbound::open_rtcp(MutableBytes datagram) {
  const auto sender = srtp::InboundContext::rtcp_sender(datagram);
  if (!sender || !srtp_) return std::nullopt;
  const auto found = rtcp_streams_.find(*sender);
  if (found != rtcp_streams_.end()) {
    const auto size = srtp_->unprotect_rtcp(found->second.srtp, datagram, datagram);
    if (!size) return std::nullopt;
    found->second.last_packet = ++rtcp_packets_;
    return Bytes{datagram.first(*size)};
  }
  RtcpStream fresh{.srtp = {}, .last_packet = ++rtcp_packets_};
  const auto size = srtp_->unprotect_rtcp(fresh.srtp, datagram, datagram);
  if (!size) return std::nullopt;
  if (rtcp_streams_.size() >= limits::kInboundStreams) {
    rtcp_streams_.erase(std::ranges::min_element(
        rtcp_streams_, {}, [](const auto& entry) { return entry.second.last_packet; }));
  }
  rtcp_streams_.emplace(*sender, fresh);
  return Bytes{datagram.first(*size)};
}

}  // namespace vis::media::sfu
