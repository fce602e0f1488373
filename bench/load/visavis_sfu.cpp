#include "load/visavis_sfu.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>

#include "base/clock.hpp"
#include "http/jwt.hpp"

namespace vis::bench {
namespace {

/// The demo project's key, which `serve --dev` makes.
constexpr const char* kKey = "devkey";
constexpr const char* kSecret = "secret";
constexpr auto kPingInterval = std::chrono::seconds{5};

ServerProcess::Options describe_server(const std::filesystem::path& folder, std::uint16_t port) {
  return {
      .arguments = {VIS_SERVER_PROGRAM, "serve", "--dev", "--data-dir", (folder / "data").string(),
                    "--http", "127.0.0.1:" + std::to_string(port), "--media-port", "0"},
      .environment = {"VISAVIS_MEDIA_WORKERS=1",
                      // All talk at once, and everybody is to be sent everything, as by Janus.
                      "VISAVIS_MEDIA_MAX_SPEAKERS=0",
                      std::string{"VISAVIS_MEDIA_ANNOUNCE="} + kServerAddress,
                      "VISAVIS_LOG_LEVEL=warning"},
      .log = folder / "log",
      .core = kServerCore};
}

std::string token_of(const Member& member) {
  const auto now = unix_s(wall_now());
  const boost::json::object grants{{"roomJoin", true},
                                   {"room", member.room.name},
                                   {"canPublish", member.publishes},
                                   {"canSubscribe", member.watches},
                                   {"hidden", !member.publishes}};
  const boost::json::object claims{{"iss", kKey},
                                   {"sub", member.name},
                                   {"nbf", now - 10},
                                   {"exp", now + 3600},
                                   {"video", grants}};
  return http::sign_jwt(claims, Secret{kSecret});
}

}  // namespace

VisavisSfu::VisavisSfu(Generator& generator)
    : generator_(generator), process_(describe_server(folder_.path(), port_)) {
  generator_.run_for(1s);
  if (!process_.running()) throw std::runtime_error("visavis did not start");
}

void VisavisSfu::join(Member& member) {
  Session& session = sessions_.emplace(&member, Session{.member = member}).first->second;
  session.socket = std::make_unique<SignalSocket>(
      generator_.io(),
      SignalSocket::Options{
          .port = port_,
          .target = "/rtc?protocol=15&sdk=js&version=2.0.0&auto_subscribe=" +
                    std::to_string(static_cast<int>(member.watches)) +
                    "&access_token=" + token_of(member),
          .subprotocol = {},
          .binary = true,
          .on_message = [this, &session](const std::string& message) { take(session, message); }});
}

void VisavisSfu::send(Session& session, const livekit::SignalRequest& request) {
  session.socket->send(request.SerializeAsString());
}

void VisavisSfu::take(Session& session, const std::string& message) {
  livekit::SignalResponse response;
  if (!response.ParseFromString(message)) throw std::runtime_error("visavis: no SignalResponse");
  if (response.has_join()) {
    keep_alive(session);
    if (session.member.publishes) announce_tracks(session);
  } else if (response.has_track_published()) {
    if (++session.tracks == Stream::kSources) offer(session);
  } else if (response.has_answer()) {
    session.member.sender->describe(generator_.now(), false, response.answer().sdp());
    session.member.published = true;
  } else if (response.has_offer()) {
    take_offer(session, response.offer());
  } else if (response.has_trickle()) {
    take_candidate(session, response.trickle());
  } else if (response.has_leave()) {
    throw std::runtime_error("visavis sent " + session.member.name + " away");
  }
}

void VisavisSfu::announce_tracks(Session& session) {
  livekit::SignalRequest audio;
  audio.mutable_add_track()->set_cid("audio");
  audio.mutable_add_track()->set_type(livekit::AUDIO);
  audio.mutable_add_track()->set_source(livekit::MICROPHONE);
  send(session, audio);
  livekit::SignalRequest video;
  livekit::AddTrackRequest& camera = *video.mutable_add_track();
  camera.set_cid("video");
  camera.set_type(livekit::VIDEO);
  camera.set_source(livekit::CAMERA);
  camera.set_width(1280);
  camera.set_height(720);
  livekit::VideoLayer& layer = *camera.add_layers();
  layer.set_quality(livekit::HIGH);
  layer.set_width(1280);
  layer.set_height(720);
  send(session, video);
}

void VisavisSfu::offer(Session& session) {
  session.member.sender = &generator_.add_client({.role = Client::Role::Sender});
  livekit::SignalRequest request;
  request.mutable_offer()->set_type("offer");
  request.mutable_offer()->set_sdp(session.member.sender->peer().create_offer());
  request.mutable_offer()->set_id(1);
  send(session, request);
}

void VisavisSfu::take_offer(Session& session, const livekit::SessionDescription& offer) {
  std::vector<Client*>& receivers = session.member.receivers;
  if (receivers.empty()) {
    const bool witness = receivers_++ % kReceiversPerWitness == 0;
    receivers.push_back(
        &generator_.add_client({.role = witness ? Client::Role::Witness : Client::Role::Receiver}));
  }
  livekit::SignalRequest request;
  request.mutable_answer()->set_type("answer");
  request.mutable_answer()->set_sdp(
      receivers.front()->describe(generator_.now(), true, offer.sdp()));
  request.mutable_answer()->set_id(offer.id());
  send(session, request);
}

void VisavisSfu::take_candidate(Session& session, const livekit::TrickleRequest& candidate) {
  const Member& member = session.member;
  Client* const client = candidate.target() == livekit::PUBLISHER ? member.sender
                         : member.receivers.empty()               ? nullptr
                                                                  : member.receivers.front();
  const auto init = boost::json::parse(candidate.candidateinit()).as_object();
  if (client == nullptr || !init.contains("candidate")) return;
  client->add_candidate(generator_.now(), std::string(init.at("candidate").as_string()));
}

void VisavisSfu::keep_alive(Session& session) {
  livekit::SignalRequest request;
  request.mutable_ping_req()->set_timestamp(unix_ms(wall_now()));
  send(session, request);
  const auto timer = std::make_shared<boost::asio::steady_timer>(generator_.io(), kPingInterval);
  timer->async_wait([this, &session, timer](const boost::system::error_code& error) {
    if (!error) keep_alive(session);
  });
}

}  // namespace vis::bench
