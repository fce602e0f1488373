// How a Sender leaves packets to the pacer and takes them back.

#include "media/rtp/header_writer.hpp"
#include "media/sfu/layer.hpp"
#include "media/sfu/pacer.hpp"
#include "media/sfu/receiver.hpp"
#include "media/sfu/sender.hpp"

namespace vis::media::sfu {

void Sender::hold(TimePoint now, const Layer& layer, const ForwardPacket& packet) {
  // What a decoder cannot use, since it waits for a key frame of another, need not wait as well.
  const bool useless = resync_ || !continues(layer);
  if (held_ == 0 && useless && !packet.info.starts_key_frame) return;
  Pacer& pacer = *path_.pacer;
  if (pacer.empty()) context_.touch(path_.transport);
  const Pacer::Held by{.sender = *this, .layer = layer.index(), .source = layer.ssrc()};
  if (pacer.hold(by, packet)) {
    ++held_;
    ++context_.counters.rtp_paced;
    return;
  }
  // A frame that fills the queue by itself pushes through; else what waits is old, and a key frame
  // is cheaper than all of it.
  const PacedPacket* const first = pacer.first();
  if (first != nullptr && first->sender == this && first->source == by.source &&
      first->packet->view.timestamp() == packet.view.timestamp()) {
    pacer.release_first([&](const PacedPacket& held) { release(now, held); });
    if (pacer.hold(by, packet)) ++held_;
    return;
  }
  context_.counters.rtp_overflowed += held_ + 1;
  drop_held();
  // Not what has come since the last key frame: it would not fit either.
  resync_ = true;
  receiver_.request_key_frame(now, wanted_layer_);
}

void Sender::drop_held() {
  if (held_ != 0) path_.pacer->drop(*this);
  held_ = 0;
}

void Sender::release(TimePoint now, const PacedPacket& held) {
  --held_;
  const Layer* const layer = receiver_.layer(held.layer);
  if (layer == nullptr || layer->ssrc() != held.source || !listens_to(held.layer)) return;
  const rtp::HeaderTemplate header(held.packet->view.header(), receiver_.extensions(),
                                   receiver_.group_map(extension_group_));
  pass_on(now, *layer, *held.packet, header);
}

}  // namespace vis::media::sfu
