#include <string>
#include <string_view>

#include "media/sdp/session_description.hpp"

namespace vis::media::sdp {
namespace {

/// Appends `a=name:value` lines in the order in which browsers write them.
class Writer final {
 public:
  void line(std::string_view text) {
    text_ += text;
    text_ += "\r\n";
  }
  void attribute(std::string_view name, std::string_view value) {
    text_ += "a=";
    text_ += name;
    text_ += ':';
    line(value);
  }
  void flag(bool set, std::string_view name) {
    if (!set) return;
    text_ += "a=";
    line(name);
  }
  void transport(const TransportAttributes& transport);
  void media_line(const MediaSection& section);
  void codec(const Codec& codec);
  void rtp(const MediaSection& section);
  void sources(const MediaSection& section);
  void section(const MediaSection& section);

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

void Writer::transport(const TransportAttributes& transport) {
  if (!transport.ice_ufrag.empty()) attribute("ice-ufrag", transport.ice_ufrag);
  if (!transport.ice_pwd.empty()) attribute("ice-pwd", transport.ice_pwd);
  if (!transport.ice_options.empty()) attribute("ice-options", joined(transport.ice_options));
  for (const Fingerprint& fingerprint : transport.fingerprints) {
    attribute("fingerprint", fingerprint.to_text());
  }
  if (transport.setup) attribute("setup", to_string(*transport.setup));
}

void Writer::media_line(const MediaSection& section) {
  std::string text = "m=" + std::string(to_string(section.kind)) + ' ' +
                     std::to_string(section.port) + ' ' + section.protocol;
  if (section.kind == MediaKind::Application) {
    text += " webrtc-datachannel";
  } else if (section.codecs.empty()) {
    text += " 0";  // The grammar asks for a format even where the section is rejected.
  }
  for (const Codec& codec : section.codecs) text += ' ' + std::to_string(codec.payload_type);
  line(text);
  line("c=IN IP4 0.0.0.0");
}

void Writer::codec(const Codec& codec) {
  const std::string payload_type = std::to_string(codec.payload_type);
  std::string map = payload_type + ' ' + codec.name + '/' + std::to_string(codec.clock_rate);
  if (codec.channels > 1) map += '/' + std::to_string(codec.channels);
  attribute("rtpmap", map);
  for (const RtcpFeedback& feedback : codec.feedback) {
    std::string text = payload_type + ' ' + feedback.type;
    if (!feedback.parameter.empty()) text += ' ' + feedback.parameter;
    attribute("rtcp-fb", text);
  }
  if (!codec.parameters.empty()) {
    attribute("fmtp", payload_type + ' ' + sdp::to_text(codec.parameters));
  }
}

void Writer::rtp(const MediaSection& section) {
  for (const Extmap& extension : section.extensions) attribute("extmap", extension.to_text());
  flag(section.extmap_allow_mixed, "extmap-allow-mixed");
  flag(true, to_string(section.direction));
  for (const Msid& msid : section.msids) attribute("msid", msid.to_text());
  flag(section.rtcp_mux, "rtcp-mux");
  flag(section.rtcp_rsize, "rtcp-rsize");
  for (const Codec& each : section.codecs) codec(each);
  for (const Rid& rid : section.rids) attribute("rid", rid.to_text());
  if (section.simulcast) attribute("simulcast", section.simulcast->to_text());
  sources(section);
}

void Writer::sources(const MediaSection& section) {
  for (const SsrcGroup& group : section.ssrc_groups) attribute("ssrc-group", group.to_text());
  for (const SsrcDescription& source : section.ssrcs) {
    const std::string ssrc = std::to_string(source.ssrc);
    if (!source.cname.empty()) attribute("ssrc", ssrc + " cname:" + source.cname);
    if (source.msid) attribute("ssrc", ssrc + " msid:" + source.msid->to_text());
  }
}

void Writer::section(const MediaSection& section) {
  media_line(section);
  for (const std::string& candidate : section.candidates) {
    text_ += "a=";
    line(candidate);
  }
  flag(section.end_of_candidates, "end-of-candidates");
  transport(section.transport);
  if (!section.mid.empty()) attribute("mid", section.mid);
  flag(section.bundle_only, "bundle-only");
  if (section.kind != MediaKind::Application) return rtp(section);
  if (section.sctp_port) attribute("sctp-port", std::to_string(*section.sctp_port));
  if (section.max_message_size) {
    attribute("max-message-size", std::to_string(*section.max_message_size));
  }
}

}  // namespace

std::string SessionDescription::to_text() const {
  Writer writer;
  writer.line("v=0");
  writer.line("o=" + origin.username + ' ' + std::to_string(origin.session_id) + ' ' +
              std::to_string(origin.version) + " IN IP4 127.0.0.1");
  writer.line("s=-");
  writer.line("t=0 0");
  writer.flag(ice_lite, "ice-lite");
  for (const auto& mids : bundle_groups) writer.attribute("group", "BUNDLE " + joined(mids));
  if (!msid_semantic.empty()) writer.attribute("msid-semantic", msid_semantic);
  writer.transport(transport);
  for (const MediaSection& section : sections) writer.section(section);
  return writer.take();
}

}  // namespace vis::media::sdp
