#include "media/sfu/receiver.hpp"

#include <algorithm>

#include "media/sfu/extension_ids.hpp"
#include "media/sfu/neighbourhood.hpp"
#include "media/sfu/transport.hpp"

namespace vis::media::sfu {

Receiver::Receiver(EngineContext& context, Transport& publisher, SpeakerSelection& speakers,
                   PublishConfig config)
    : context_(context),
      publisher_(&publisher),
      number_(context.neighbours.add_track(*this)),
      speakers_(speakers),
      config_(std::move(config)) {
  muted_ = config_.muted;
  if (config_.microphone) speakers_.join(microphone_);
}

Receiver::Receiver(EngineContext& context, const Home& home, SpeakerSelection& speakers,
                   PublishConfig config)
    : context_(context), home_(home), speakers_(speakers), config_(std::move(config)) {
  home.engine.add_track(home.number, *this);
  if (config_.microphone) speakers_.join(microphone_);
}

Receiver::~Receiver() {
  if (config_.microphone) speakers_.leave(microphone_);
  if (home_) {
    home_->engine.remove_track(home_->number);
  } else {
    context_.neighbours.remove_track(number_);
  }
}

TransportId Receiver::publisher_id() const { return home_ ? home_->publisher : publisher_->id(); }

void Receiver::set_config(PublishConfig config) {
  if (config_.microphone) speakers_.leave(microphone_);
  microphone_ = {};
  config_ = std::move(config);
  if (config_.microphone) speakers_.join(microphone_);
}

void Receiver::bind(const negotiation::ReceiveSection& section) {
  const CodecKind codec =
      sfu::codec_kind(sdp::mime_type(section.kind, section.codecs.front().codec));
  // Stored packets of another codec cannot serve anybody any more.
  if (codec != codec_kind_) layers_ = {};
  codec_kind_ = codec;
  section_ = section;
  extensions_ = to_extension_map(section.extensions);
}

void Receiver::unbind() {
  section_.reset();
  layers_ = {};
}

void Receiver::set_muted(TimePoint now, bool muted) {
  if (muted_ == muted) return;
  muted_ = muted;
  if (muted_) return;
  for (Sender* const sender : senders_) sender->resume(now);
}

bool Receiver::is_heard(std::uint8_t layer) const {
  return !muted_ && std::ranges::any_of(
                        senders_, [&](const Sender* sender) { return sender->listens_to(layer); });
}

Layer* Receiver::layer_of_rid(std::string_view rid) {
  if (!section_) return nullptr;
  const auto found = std::ranges::find(section_->layers, rid, &negotiation::SimulcastLayer::rid);
  const auto index = static_cast<std::size_t>(found - section_->layers.begin());
  if (found == section_->layers.end() || index >= kLayers) return nullptr;
  return layers_[index].get();
}

Layer* Receiver::layer_for(std::string_view rid, std::uint32_t ssrc, std::uint8_t payload_type) {
  if (!section_) return nullptr;
  const bool known_type =
      std::ranges::any_of(section_->codecs, [&](const negotiation::NegotiatedCodec& codec) {
        return codec.codec.payload_type == payload_type;
      });
  if (!known_type) return nullptr;
  if (section_->layers.empty()) {
    const auto declared = std::ranges::find(section_->sources, ssrc, &negotiation::Source::ssrc);
    const bool simulcast = section_->sources.size() > 1 && declared != section_->sources.end();
    const auto index =
        simulcast ? static_cast<std::size_t>(declared - section_->sources.begin()) : std::size_t{0};
    if (index >= kLayers) return nullptr;
    return &make_layer(static_cast<std::uint8_t>(index), {}, ssrc);
  }
  const auto found = std::ranges::find(section_->layers, rid, &negotiation::SimulcastLayer::rid);
  const auto index = static_cast<std::size_t>(found - section_->layers.begin());
  if (found == section_->layers.end() || index >= kLayers) return nullptr;
  return &make_layer(static_cast<std::uint8_t>(index), rid, ssrc);
}

Layer* Receiver::layer_of_declared_rtx(std::uint32_t rtx_ssrc) {
  if (!section_) return nullptr;
  for (const negotiation::Source& source : section_->sources) {
    if (source.rtx_ssrc != rtx_ssrc) continue;
    for (const auto& layer : layers_) {
      if (layer != nullptr && layer->ssrc() == source.ssrc) return layer.get();
    }
  }
  return nullptr;
}

Layer& Receiver::make_layer(std::uint8_t index, std::string_view rid, std::uint32_t ssrc) {
  auto& layer = layers_[index];
  // A publisher that starts its encoder afresh comes with another source.
  if (layer != nullptr && layer->ssrc() == ssrc) return *layer;
  const bool video = kind() == TrackKind::Video;
  layer = std::make_unique<Layer>(
      context_, *this,
      Layer::Options{.index = index,
                     .rid = std::string(rid),
                     .ssrc = ssrc,
                     .clock_rate = codec().codec.clock_rate,
                     .codec = codec_kind_,
                     .encrypted = config_.encrypted,
                     .asks_retransmission = video && !is_remote(),
                     .store_packets = video ? kVideoStorePackets : kAudioStorePackets});
  return *layer;
}

std::optional<TimePoint> Receiver::last_packet() const {
  std::optional<TimePoint> last;
  for_each_layer([&](const Layer& layer) { last = std::max(last, layer.last_packet()); });
  return last;
}

bool Receiver::offers(TimePoint now, std::uint8_t quality) const {
  if (is_scalable()) return layers_[0]->offers(now, quality);
  return layers_[quality] != nullptr && layers_[quality]->is_active(now);
}

congestion::BitRate Receiver::bitrate(std::uint8_t quality) const {
  return is_scalable() ? layers_[0]->bitrate(quality) : layers_[quality]->bitrate();
}

std::optional<std::uint8_t> Receiver::best_quality(TimePoint now, std::uint8_t max_quality) const {
  std::optional<std::uint8_t> best;
  for (std::uint8_t quality = 0; quality < kLayers; ++quality) {
    if (offers(now, quality) && (quality <= max_quality || !best)) best = quality;
  }
  return best;
}

void Receiver::add_sender(Sender& sender) {
  senders_.push_back(&sender);
  if (home_ && senders_.size() == 1) {
    home_->engine.post(TrackWatched{.track = home_->number, .watched = true});
  }
}

void Receiver::remove_sender(Sender& sender) {
  std::erase(senders_, &sender);
  if (!home_ || !senders_.empty()) return;
  home_->engine.post(TrackWatched{.track = home_->number, .watched = false});
  // Nothing will come that would push the stored packets out.
  layers_ = {};
}

void Receiver::on_layers_offered(TimePoint now) {
  for (Sender* const sender : senders_) sender->choose_layer(now);
}

std::uint8_t Receiver::extension_group(const rtp::ExtensionMap& map) {
  const auto found = std::ranges::find(extension_groups_, map);
  const auto index = found - extension_groups_.begin();
  if (found == extension_groups_.end()) {
    // A browser has one way to number extensions, so groups are few; beyond the limit, subscribers
    // get the first group's elements, whose unknown ids they skip.
    if (extension_groups_.size() >= kExtensionGroups) return 0;
    extension_groups_.push_back(map);
  }
  return static_cast<std::uint8_t>(index);
}

void Receiver::prepare_headers(std::span<const ForwardPacket> packets) {
  context_.headers.clear();
  for (const ForwardPacket& packet : packets) {
    for (const rtp::ExtensionMap& group : extension_groups_) {
      context_.headers.emplace_back(packet.view.header(), extensions_, group);
    }
  }
}

void Receiver::fan_out(TimePoint now, Layer& layer) {
  if (muted_ || senders_.empty()) return;
  const SoundForms made = fan_out(now, layer, layer.pending(), SoundForm::AsPublished);
  if (made.none()) return;
  for (const SoundForm form : kMadeSoundForms) {
    if (made.has(form)) fan_out(now, layer, layer.pending_in(form), form);
  }
}

SoundForms Receiver::fan_out(TimePoint now, const Layer& layer,
                             std::span<const ForwardPacket> packets, SoundForm form) {
  prepare_headers(packets);
  const std::size_t groups = extension_groups_.size();
  SoundForms others;
  for (Sender* const sender : senders_) {
    if (!sender->listens_to(layer.index())) continue;
    if (sender->sound_form() != form) {
      others.add(sender->sound_form());
      continue;
    }
    const rtp::HeaderTemplate* header = context_.headers.data() + sender->extension_group();
    for (const ForwardPacket& packet : packets) {
      sender->forward(now, layer, packet, *header);
      header += groups;
    }
  }
  return others;
}

void Receiver::request_key_frame(TimePoint now, std::uint8_t layer) {
  // What a muted track sends goes to nobody; once it is heard again everybody asks.
  if (kind() != TrackKind::Video || muted_) return;
  if (home_) return request_key_frame_of_home(now, layer);
  if (layers_[layer] == nullptr) return;
  layers_[layer]->key_frames().request(now);
  context_.touch(publisher_->id());
}

/// The other engine merges requests, and repeats what is not answered.
void Receiver::request_key_frame_of_home(TimePoint now, std::uint8_t layer) {
  const Layer* const known = layers_[layer].get();
  if (known != nullptr && known->brings_key_frame()) return;
  std::optional<TimePoint>& asked = key_frame_asked_[layer];
  if (asked && now - *asked < KeyFrameRequests::kMinInterval) return;
  asked = now;
  home_->engine.post(
      KeyFrameWanted{.track = home_->number,
                     .layer = layer,
                     .latest = known == nullptr ? -1 : known->latest_key_frame().value_or(-1)});
}

void Receiver::review_layers(TimePoint now) {
  bool changed = false;
  for (std::uint8_t quality = 0; quality < kLayers; ++quality) {
    const bool offered = offers(now, quality);
    changed = changed || offered != was_offered_[quality];
    was_offered_[quality] = offered;
    if (layers_[quality] != nullptr) layers_[quality]->sample_rates(now);
  }
  if (!changed) return;
  for (Sender* const sender : senders_) sender->choose_layer(now);
}

// ---- other workers ----

void Receiver::set_watched(TimePoint now, Neighbour& by, bool watched) {
  std::erase_if(watchers_, [&](const Watcher& watcher) { return watcher.engine == &by; });
  if (!watched) return;
  Watcher& watcher = watchers_.emplace_back();
  watcher.engine = &by;
  for_each_layer([&](const Layer& layer) {
    if (layer.clock()) by.post(clock_of(layer));
    if (!muted_ && kind() == TrackKind::Video) catch_up(now, watcher, layer);
  });
}

void Receiver::on_key_frame_wanted(TimePoint now, const Neighbour& by,
                                   const KeyFrameWanted& wanted) {
  const auto watcher = std::ranges::find(watchers_, &by, &Watcher::engine);
  const Layer* const layer = layers_[wanted.layer].get();
  if (watcher != watchers_.end() && layer != nullptr) {
    const Watcher::KeyFrame& given = watcher->key_frames[wanted.layer];
    const bool on_its_way = given.source == layer->ssrc() && given.sequence > wanted.latest &&
                            now - given.at < KeyFrameRequests::kMinInterval;
    if (on_its_way) return;
  }
  request_key_frame(now, wanted.layer);
}

/// What has come since a key frame just now, so that nobody there need wait for another one.
void Receiver::catch_up(TimePoint now, Watcher& watcher, const Layer& layer) {
  const auto key_frame = layer.fresh_key_frame(now);
  if (!key_frame) return;
  const std::int64_t last = layer.last_fanned_out();
  for (std::int64_t sequence = *key_frame; sequence <= last; ++sequence) {
    const SlabRef slab = layer.stored(sequence);
    if (!slab) continue;
    const Passed packet{.slab = slab, .sequence = sequence, .key_frame = sequence == *key_frame};
    if (!push(now, watcher, layer, packet)) return;
  }
}

void Receiver::pass_on(TimePoint now, const Layer& layer) {
  if (muted_) return;
  bool dropped = false;
  for (Watcher& watcher : watchers_) {
    for (const ForwardPacket& packet : layer.pending()) {
      const Passed passed{
          .slab = packet.slab,
          .sequence = packet.sequence,
          // What is padding alone is none, though nothing has to come before it.
          .key_frame = packet.info.starts_key_frame && !packet.view.payload().empty(),
          .resumes = packet.resumes};
      if (!push(now, watcher, layer, passed)) dropped = true;
    }
  }
  if (dropped) request_key_frame(now, layer.index());
}

bool Receiver::push(TimePoint now, Watcher& watcher, const Layer& layer, const Passed& packet) {
  const bool pushed = watcher.engine->to().push(packet.slab, {.bytes = packet.slab.packet(),
                                                              .sequence = packet.sequence,
                                                              .track = number_,
                                                              .layer = layer.index(),
                                                              .resumes = packet.resumes});
  ++(pushed ? context_.counters.rtp_to_neighbours : context_.counters.neighbour_rings_full);
  if (pushed && packet.key_frame) {
    watcher.key_frames[layer.index()] = {
        .source = layer.ssrc(), .sequence = packet.sequence, .at = now};
  }
  return pushed;
}

ClockReported Receiver::clock_of(const Layer& layer) const {
  return {
      .track = number_, .layer = layer.index(), .source = layer.ssrc(), .clock = *layer.clock()};
}

void Receiver::tell_clock(const Layer& layer) const {
  for (const Watcher& watcher : watchers_) watcher.engine->post(clock_of(layer));
}

void Receiver::tell_end(const Layer& layer) const {
  for (const Watcher& watcher : watchers_) {
    watcher.engine->post(LayerEnded{.track = number_, .layer = layer.index()});
  }
}

}  // namespace vis::media::sfu
