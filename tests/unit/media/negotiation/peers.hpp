#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "media/negotiation/negotiator.hpp"
#include "support/files.hpp"

/// Configurations and hand-made clients for the tests of negotiation.
namespace vis::media::negotiation::test {

inline constexpr std::string_view kFingerprint =
    "sha-256 2A:25:F8:37:08:FB:79:2B:0E:FE:05:6C:41:8C:72:01:"
    "4F:47:B1:92:7A:B3:07:05:33:B7:91:16:8A:40:36:DE";
inline constexpr std::string_view kOtherFingerprint =
    "sha-256 FF:25:F8:37:08:FB:79:2B:0E:FE:05:6C:41:8C:72:01:"
    "4F:47:B1:92:7A:B3:07:05:33:B7:91:16:8A:40:36:DE";
inline const IceCredentials kServerIce{"srvu", "serverpasswordserverpassword"};
inline const IceCredentials kNewServerIce{"srv2", "serverpasswordserverpassword2"};

inline Config config(Offerer offerer) {
  Config made;
  made.offerer = offerer;
  made.session_id = 7;
  made.transport.ice = kServerIce;
  made.transport.fingerprint = sdp::Fingerprint::parse(kFingerprint).value();
  made.transport.candidates = {"candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host"};
  return made;
}

inline std::string fixture(std::string_view name) {
  return vis::test::read_file("tests/data/sdp/" + std::string(name) + ".sdp");
}

inline sdp::SessionDescription read(std::string_view text) {
  auto parsed = sdp::SessionDescription::parse(text);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed.value_or(sdp::SessionDescription{});
}

inline SendTrack send_track(std::string_view sid, std::string_view codec,
                            std::string_view parameters = "") {
  const bool audio = codec == "opus" || codec == "red";
  SendTrack track;
  track.track_sid = sid;
  track.stream_id = "PA_x|" + track.track_sid;
  track.cname = track.stream_id;
  track.kind = audio ? sdp::MediaKind::Audio : sdp::MediaKind::Video;
  track.codec.name = codec;
  track.codec.clock_rate = audio ? 48000 : 90000;
  track.codec.channels = audio ? 2 : 1;
  track.codec.parameters = sdp::parse_format_parameters(parameters);
  track.ssrc = static_cast<std::uint32_t>(1000 + std::hash<std::string_view>{}(sid) % 1000 * 2);
  if (!audio) track.rtx_ssrc = track.ssrc + 1;
  return track;
}

/// A client's offer, built section by section in the shape that Chromium gives it.
class ClientOffer final {
 public:
  ClientOffer& send(std::string_view kind, std::string_view track_id) {
    return media(kind, "sendonly", track_id);
  }
  ClientOffer& receive(std::string_view kind) { return media(kind, "recvonly", ""); }
  ClientOffer& data() {
    open("application");
    sections_.back() += "a=sctp-port:5000\r\na=max-message-size:262144\r\n";
    return *this;
  }
  ClientOffer& media(std::string_view kind, std::string_view direction, std::string_view track_id) {
    open(kind);
    std::string& lines = sections_.back();
    lines += "a=" + std::string(direction) + "\r\na=rtcp-mux\r\n";
    if (!track_id.empty()) lines += "a=msid:- " + std::string(track_id) + "\r\n";
    lines += kind == "audio" ? "a=rtpmap:109 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n"
                               "a=fmtp:63 109/109\r\n"
                             : "a=rtpmap:120 VP8/90000\r\na=rtcp-fb:120 nack pli\r\n"
                               "a=rtpmap:124 rtx/90000\r\na=fmtp:124 apt=120\r\n"
                               "a=rtpmap:121 VP9/90000\r\n";
    return *this;
  }
  /// Changes the direction, or anything else, of a section made before.
  ClientOffer& change(std::size_t index, std::string_view from, std::string_view to) {
    replace(sections_.at(index), from, to);
    return *this;
  }
  /// Changes a line of every section.
  ClientOffer& change_all(std::string_view from, std::string_view to) {
    for (std::string& section : sections_) replace(section, from, to);
    return *this;
  }
  ClientOffer& without_bundle() {
    bundle_ = false;
    return *this;
  }
  std::string text() const {
    std::string all = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
    if (bundle_) {
      all += "a=group:BUNDLE";
      for (std::size_t i = 0; i < sections_.size(); ++i) {
        const bool live = !sections_[i].contains(" 0 UDP") || sections_[i].contains("bundle-only");
        if (live) all += ' ' + std::to_string(i);
      }
      all += "\r\n";
    }
    for (const std::string& section : sections_) all += section;
    return all;
  }

 private:
  void open(std::string_view kind) {
    std::string lines = "m=" + std::string(kind) + " 9 ";
    lines += kind == "application" ? "UDP/DTLS/SCTP webrtc-datachannel\r\n"
             : kind == "audio"     ? "UDP/TLS/RTP/SAVPF 109 63\r\n"
                                   : "UDP/TLS/RTP/SAVPF 120 124 121\r\n";
    lines += "a=mid:" + std::to_string(sections_.size()) + "\r\n";
    lines += "a=ice-ufrag:clnt\r\na=ice-pwd:clientpasswordclientpassword\r\na=setup:actpass\r\n";
    lines += "a=fingerprint:" + std::string(kFingerprint) + "\r\n";
    sections_.push_back(std::move(lines));
  }
  static void replace(std::string& section, std::string_view from, std::string_view to) {
    const std::size_t at = section.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    section.replace(at, from.size(), to);
  }

  std::vector<std::string> sections_;
  bool bundle_ = true;
};

/// What a client that likes everything answers to our offer.
inline sdp::SessionDescription answer_to(std::string_view offer) {
  sdp::SessionDescription answer = read(offer);
  answer.ice_lite = false;
  for (sdp::MediaSection& section : answer.sections) {
    section.direction = reversed(section.direction);
    section.transport.ice_ufrag = "clnt";
    section.transport.ice_pwd = "clientpasswordclientpassword";
    section.transport.setup = sdp::Setup::Active;
    section.candidates.clear();
    section.ssrcs.clear();
    section.ssrc_groups.clear();
    section.msids.clear();
  }
  return answer;
}

/// Rejects one section of an answer, as a browser does that knows none of its formats.
inline void reject(sdp::SessionDescription& answer, std::string_view mid) {
  const auto section = std::ranges::find(answer.sections, mid, &sdp::MediaSection::mid);
  ASSERT_NE(section, answer.sections.end());
  section->port = 0;
  section->direction = sdp::Direction::Inactive;
  std::erase(answer.bundle_groups.at(0), mid);
}

/// One round in which the client offers; fails the test when the offer is refused.
inline Answer round(Negotiator& negotiator, std::string_view offer_text,
                    const AnswerOptions& options = {}) {
  const auto offer = negotiator.check_offer(offer_text);
  EXPECT_TRUE(offer) << offer.error().message;
  return offer ? negotiator.answer(*offer, options) : Answer{};
}

/// One round in which we offer and the client agrees to everything.
inline Negotiated round(Negotiator& negotiator) {
  const auto offer = negotiator.create_offer();
  EXPECT_TRUE(offer);
  auto result = negotiator.apply_answer(answer_to(offer.value_or("")).to_text());
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(Negotiated{});
}

inline std::string refusal(const Negotiator& negotiator, std::string_view offer) {
  const auto checked = negotiator.check_offer(offer);
  return checked ? "accepted" : checked.error().message;
}

inline std::vector<std::string> names(const std::vector<NegotiatedCodec>& codecs) {
  std::vector<std::string> all;
  for (const NegotiatedCodec& each : codecs) all.push_back(each.codec.name);
  return all;
}

}  // namespace vis::media::negotiation::test
