// What one participant may take of the server and of the others.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/limits/media_negotiation.hpp"
#include "base/limits/media_sfu.hpp"
#include "media/rtcp/full_intra_request.hpp"
#include "media/rtcp/nack.hpp"
#include "media/rtcp/picture_loss_indication.hpp"
#include "media/sfu/key_frame_requests.hpp"
#include "media/sfu/retransmission_budget.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LiveCall;
using test::PeerStream;
using test::PeerTrack;
using test::Simulation;

constexpr std::uint64_t kSeed = 23;
constexpr std::uint32_t kSsrc = 3000;

const PeerStream& only_stream(const Simulation::Peer& peer) {
  EXPECT_EQ(peer.client->received().size(), 1U);
  return peer.client->received().begin()->second;
}

/// One RTCP packet, as `write` makes it.
ByteVector rtcp_packet(const std::function<void(ByteWriter&)>& write) {
  ByteVector packet(1400);
  ByteWriter writer{packet};
  write(writer);
  packet.resize(writer.size());
  return packet;
}

/// The latest packets that a subscriber was sent, some of them many times over.
ByteVector nack_of(std::uint32_t ssrc, std::int64_t highest, std::size_t items) {
  return rtcp_packet([&](ByteWriter& writer) {
    rtcp::write_header(writer, rtcp::Nack::kFormat, rtcp::kTransportLayerFeedback, 8 + 4 * items);
    writer.u32(1);
    writer.u32(ssrc);
    for (std::size_t i = 0; i < items; ++i) {
      writer.u16(static_cast<std::uint16_t>(highest - 17 * static_cast<std::int64_t>(i % 20) - 16));
      writer.u16(0xFFFF);
    }
  });
}

// ---- layers and sources ----

TEST(Limits, of_simulcast_layers_are_three) {
  for (const std::size_t layers : {std::size_t{3}, std::size_t{4}, std::size_t{6}}) {
    LiveCall call(kSeed);
    PeerTrack track = test::simulcast_camera("many", kSsrc);
    for (std::size_t i = 3; i < layers; ++i) {
      const auto ssrc = static_cast<std::uint32_t>(kSsrc + 2 * i);
      track.layers.push_back({.rid = "x" + std::to_string(i), .ssrc = ssrc, .rtx_ssrc = ssrc + 1});
    }
    auto& publisher = call.simulation.add_publisher({.tracks = {track}});
    auto& watcher = call.simulation.add_subscriber();
    call.simulation.subscribe(watcher, "TR_many");
    call.run_for(500ms);
    EXPECT_EQ(call.simulation.bound.back().rids.size(), std::min(layers, limits::kSimulcastLayers));
    const std::uint64_t before = call.simulation.counters().rtp_rejected;
    call.run_for(2s, [&] { publisher.client->send_video_frame(call.simulation.now(), 0, 1, 500); });
    // What is beyond is let go, and the best of the three arrives.
    EXPECT_GT(only_stream(watcher).packets, 80U);
    EXPECT_EQ(only_stream(watcher).missing(), 0U);
    EXPECT_GE(call.simulation.counters().rtp_rejected - before, (layers - 3) * 90);
    call.expect_undisturbed();
  }
}

TEST(Limits, of_inbound_streams_hold_at_the_limit_and_past_it) {
  LiveCall call(kSeed);
  std::vector<PeerTrack> tracks;
  for (std::size_t i = 0; i <= limits::kInboundStreams; ++i) {
    tracks.push_back(
        test::microphone("mic" + std::to_string(i), static_cast<std::uint32_t>(kSsrc + i)));
  }
  auto& publisher = call.simulation.add_publisher({.tracks = tracks});
  auto& watcher = call.simulation.add_subscriber();
  const std::string last_that_fits = std::to_string(limits::kInboundStreams - 1);
  const std::string one_too_many = std::to_string(limits::kInboundStreams);
  call.simulation.subscribe(watcher, "TR_mic" + last_that_fits);
  call.run_for(500ms);
  ASSERT_EQ(publisher.negotiation_error, "");
  const auto send = [&] {
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      publisher.client->send_audio_packet(call.simulation.now(), i, 30);
    }
  };
  call.run_for(100ms, send);
  call.run_for(100ms);
  EXPECT_GE(only_stream(watcher).packets, 4U);
  EXPECT_EQ(only_stream(watcher).missing(), 0U);
  // Of the one past the limit, nothing; that of another client is not concerned.
  auto& second = call.simulation.add_subscriber();
  call.simulation.subscribe(second, "TR_mic" + one_too_many);
  call.run_for(500ms);
  call.run_for(100ms, send);
  EXPECT_TRUE(second.client->received().empty());
  call.expect_undisturbed();
}

/// Each time with new sources, as browsers do it.
TEST(Limits, of_inbound_streams_do_not_count_tracks_that_are_gone) {
  LiveCall call(kSeed);
  auto& publisher = call.simulation.add_publisher({.tracks = {test::camera("first", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.run_for(500ms);
  for (std::uint32_t round = 1; round <= 40; ++round) {
    SCOPED_TRACE(round);
    const std::string cid = "share" + std::to_string(round);
    call.simulation.publish(publisher, test::simulcast_camera(cid, kSsrc + 10 * round));
    call.simulation.offer(publisher);
    call.simulation.subscribe(watcher, "TR_" + cid);
    call.run_for(200ms);
    const std::uint64_t before = watcher.client->received().size();
    call.run_for(200ms,
                 [&] { publisher.client->send_video_frame(call.simulation.now(), round, 1, 300); });
    ASSERT_EQ(watcher.client->received().size(), before + 1);
    publisher.client->track(round).active = false;
    call.simulation.offer(publisher);
    EXPECT_EQ(call.simulation.ended.back(), "TR_" + cid);
  }
  call.expect_undisturbed();
}

TEST(Limits, of_sources_that_name_no_track_cost_a_client_its_own_streams_at_most) {
  LiveCall call(kSeed);
  auto& mallory = call.simulation.add_publisher({.tracks = {test::camera("mallory", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_mallory");
  call.run_for(500ms);
  const auto send = [&] { mallory.client->send_video_frame(call.simulation.now(), 0, 1, 300); };
  call.run_for(500ms, send);
  std::uint32_t ssrc = 1'000'000;
  call.run_for(2s, [&] {
    send();
    for (int i = 0; i < 50; ++i) {
      const ByteVector rtp = test::plain_rtp({.ssrc = ++ssrc, .sequence = 1, .payload_type = 1});
      EXPECT_TRUE(mallory.client->send_plain({.bytes = rtp, .header_size = 12}));
      // Control packets of ever new senders.
      mallory.client->send_rtcp(rtcp_packet([&](ByteWriter& writer) {
        rtcp::PictureLossIndication::write(writer, {.sender = ++ssrc, .media = 1});
      }));
    }
  });
  call.run_for(100ms);
  EXPECT_EQ(only_stream(watcher).missing(), 0U);
  EXPECT_GE(only_stream(watcher).packets, 120U);
  call.expect_undisturbed();
}

// ---- feedback ----

TEST(Limits, of_retransmission_hold_against_nacks_that_name_thousands_of_packets) {
  LiveCall call(kSeed);
  auto& greedy = call.simulation.add_subscriber();
  call.simulation.subscribe(greedy, "TR_live_cam");
  call.run_for(2s);
  const auto& [ssrc, stream] = *greedy.client->received().begin();
  std::uint64_t sent_bytes = 0;
  call.simulation.tap = [&](const Simulation::Captured& datagram) {
    if (!datagram.to_server && datagram.client == greedy.address) {
      sent_bytes += datagram.bytes.size();
    }
  };
  constexpr Duration kDuration = 5s;
  constexpr std::size_t kItems = 340;  // Of 17 packets each.
  call.run_for(kDuration, [&] {
    for (int i = 0; i < 4; ++i) greedy.client->send_rtcp(nack_of(ssrc, stream.highest, kItems));
  });
  // 75 packets of about 1040 bytes a second are forwarded; half as much again may be repeated, and
  // what was saved up; reports are little.
  constexpr std::uint64_t kForwarded = 5 * 75 * 1040;
  EXPECT_GT(sent_bytes, kForwarded);
  EXPECT_LT(sent_bytes, kForwarded * 3 / 2 + RetransmissionBudget::kBurstBytes + 20'000);
  EXPECT_GT(call.simulation.counters().rtp_retransmitted, 100U);
  call.expect_undisturbed();
}

TEST(Limits, of_nacks_hold_for_numbers_that_were_never_sent) {
  LiveCall call(kSeed);
  const std::uint64_t before = call.simulation.counters().rtp_retransmitted;
  const PeerStream& stream = call.subscriber.client->received().at(call.video_ssrc());
  call.run_for(2s, [&] {
    for (const std::int64_t ahead : {1000, 20'000, 40'000}) {
      call.subscriber.client->send_rtcp(nack_of(call.video_ssrc(), stream.highest + ahead, 300));
      call.subscriber.client->send_rtcp(nack_of(call.audio_ssrc(), ahead, 300));
      call.subscriber.client->send_rtcp(nack_of(4711, ahead, 300));
    }
  });
  EXPECT_EQ(call.simulation.counters().rtp_retransmitted, before);
  call.expect_undisturbed();
}

TEST(Limits, of_key_frame_requests_hold_against_a_flood_of_them) {
  LiveCall call(kSeed);
  auto& greedy = call.simulation.add_subscriber();
  call.simulation.subscribe(greedy, "TR_live_cam");
  call.run_for(1s);
  const std::uint32_t ssrc = greedy.client->received().begin()->first;
  const std::uint64_t before = call.publisher.client->key_frame_requests();
  const ByteVector fir = rtcp_packet([&](ByteWriter& writer) {
    rtcp::FullIntraRequest::write(writer, 1, {.ssrc = ssrc, .sequence = 1});
  });
  call.run_for(3s, [&] {
    for (int i = 0; i < 20; ++i) {
      greedy.client->request_key_frame(call.simulation.now(), ssrc);
      greedy.client->send_rtcp(fir);
    }
  });
  const std::uint64_t requests = call.publisher.client->key_frame_requests() - before;
  EXPECT_GE(requests, 8U);
  EXPECT_LE(requests, static_cast<std::uint64_t>(3s / KeyFrameRequests::kMinInterval) + 1);
  call.expect_undisturbed();
}

// ---- mute ----

TEST(Mute, of_a_camera_ends_with_one_key_frame_and_no_gap) {
  LiveCall call(kSeed);
  auto& publisher = call.simulation.add_publisher({.tracks = {test::camera("muted", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_muted");
  const auto send = [&] { publisher.client->send_video_frame(call.simulation.now(), 0, 1, 500); };
  const auto mute = [&](bool muted) {
    call.simulation.engine().set_muted(call.simulation.now(), call.simulation.room(),
                                       TrackId{"TR_muted"}, muted);
  };
  call.run_for(500ms);
  for (int round = 0; round < 5; ++round) {
    call.run_for(1s, send);
    mute(true);
    call.run_for(100ms);
    const PeerStream muted_at = only_stream(watcher);
    const std::uint64_t requests = publisher.client->key_frame_requests();
    call.run_for(1s, send);  // The publisher has not heard of it.
    EXPECT_EQ(only_stream(watcher).packets, muted_at.packets);
    mute(false);
    call.run_for(500ms, send);
    EXPECT_EQ(publisher.client->key_frame_requests(), requests + 1);
    EXPECT_EQ(only_stream(watcher).key_frames, muted_at.key_frames + 1);
    EXPECT_GE(only_stream(watcher).packets, muted_at.packets + 22);
    // Not even as a gap that could be filled.
    EXPECT_EQ(only_stream(watcher).missing(), 0U);
    EXPECT_EQ(only_stream(watcher).recovered, 0U);
    EXPECT_EQ(only_stream(watcher).picture_gaps, 0U);
  }
  call.expect_undisturbed();
}

TEST(Mute, keeps_what_was_said_meanwhile_from_whoever_asks_for_it_again) {
  LiveCall call(kSeed);
  auto& publisher = call.simulation.add_publisher({.tracks = {test::camera("muted", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_muted");
  const auto send = [&](std::size_t bytes) {
    publisher.client->send_video_frame(call.simulation.now(), 0, 1, bytes);
  };
  const auto mute = [&](bool muted) {
    call.simulation.engine().set_muted(call.simulation.now(), call.simulation.room(),
                                       TrackId{"TR_muted"}, muted);
  };
  constexpr std::size_t kSecret = 777;
  int leaked = 0;
  call.run_for(500ms);
  call.run_for(500ms, [&] { send(500); });
  mute(true);
  call.run_for(500ms, [&] { send(kSecret); });
  call.run_for(100ms);
  mute(false);
  call.simulation.tap = [&](const Simulation::Captured& datagram) {
    const bool to_watcher = !datagram.to_server && datagram.client == watcher.address;
    if (to_watcher && test::is_rtp(datagram.bytes) && datagram.bytes.size() > kSecret) ++leaked;
  };
  call.run_for(1s, [&] {
    send(500);
    const auto& [ssrc, stream] = *watcher.client->received().begin();
    watcher.client->send_rtcp(nack_of(ssrc, stream.highest, 20));
  });
  EXPECT_EQ(leaked, 0);
  EXPECT_GT(call.simulation.counters().rtp_retransmitted, 10U);
  call.expect_undisturbed();
}

TEST(Mute, of_a_microphone_ends_without_a_gap_and_is_heard_by_nobody) {
  LiveCall call(kSeed);
  auto& publisher = call.simulation.add_publisher({.tracks = {test::microphone("muted", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_muted");
  const auto send = [&] { publisher.client->send_audio_packet(call.simulation.now(), 0, 10); };
  const auto mute = [&](bool muted) {
    call.simulation.engine().set_muted(call.simulation.now(), call.simulation.room(),
                                       TrackId{"TR_muted"}, muted);
  };
  call.run_for(500ms);
  call.run_for(500ms, send);
  mute(true);
  call.run_for(1s, send);
  call.simulation.audio_levels.clear();
  call.run_for(2s, send);
  for (const auto& level : call.simulation.audio_levels) {
    EXPECT_TRUE(level.track != "TR_muted" || level.active_percent == 0);
  }
  const std::uint64_t before = only_stream(watcher).packets;
  call.run_for(100ms);
  mute(false);
  call.run_for(500ms, send);
  call.run_for(100ms);
  EXPECT_EQ(only_stream(watcher).packets, before + 25);
  EXPECT_EQ(only_stream(watcher).missing(), 0U);
  EXPECT_EQ(only_stream(watcher).timestamp_jumps, 0U);
  call.expect_undisturbed();
}

// ---- commands that make no sense ----

TEST(Commands, of_the_wrong_direction_are_refused_and_change_nothing) {
  LiveCall call(kSeed);
  Engine& engine = call.simulation.engine();
  const TimePoint now = call.simulation.now();
  engine.apply_offer(now, call.subscriber.id, call.publisher.client->create_offer(), 9);
  engine.apply_answer(now, call.publisher.id, call.publisher.client->create_offer());
  call.run_for(1s);
  EXPECT_EQ(call.subscriber.negotiation_error, "this connection is offered by the server");
  EXPECT_EQ(call.publisher.negotiation_error, "this connection is offered by the client");
  call.expect_undisturbed();
}

TEST(Commands, for_what_does_not_exist_are_ignored) {
  LiveCall call(kSeed);
  Engine& engine = call.simulation.engine();
  const TimePoint now = call.simulation.now();
  const TransportId nobody{4711};
  engine.apply_offer(now, nobody, "v=0\r\n", 1);
  engine.apply_answer(now, nobody, "v=0\r\n");
  engine.add_candidate(now, nobody, "candidate:x");
  engine.restart_ice(now, nobody);
  engine.start_offer(now, nobody);
  engine.close_transport(now, nobody);
  engine.close_room(now, RoomId{"RM_nowhere"});
  engine.open_transport(now, {.id = nobody, .room = RoomId{"RM_nowhere"}});
  engine.unsubscribe(now, nobody, TrackId{"TR_x"});
  engine.unsubscribe(now, call.subscriber.id, TrackId{"TR_x"});
  engine.unpublish(now, call.publisher.id, TrackId{"TR_x"});
  engine.set_muted(now, call.simulation.room(), TrackId{"TR_x"}, true);
  engine.set_layer_target(now, call.subscriber.id, TrackId{"TR_x"}, {.disabled = true});
  engine.send_sctp(now, nobody, as_bytes("x"));
  engine.send_sctp(now, call.publisher.id, {});
  for (const char* const text : {"", "candidate:", "candidate:1 1 udp 1 host.local 9 typ host",
                                 "candidate:1 1 tcp 1 192.0.2.7 9 typ host tcptype active"}) {
    engine.add_candidate(now, call.publisher.id, text);
  }
  for (const char* const text : {"", "v=0", "v=0\r\nm=audio\r\n"}) {
    engine.apply_offer(now, call.publisher.id, text, 1);
    engine.apply_answer(now, call.subscriber.id, text);
  }
  call.run_for(1s);
  call.expect_undisturbed();
}

}  // namespace
}  // namespace vis::media::sfu
