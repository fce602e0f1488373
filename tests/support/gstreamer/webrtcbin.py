#!/usr/bin/env python3
"""Publishes by WHIP, or plays by WHEP, with GStreamer's webrtcbin; to be tried by hand.

    webrtcbin.py publish|play URL TOKEN [seconds]

Debian 12: python3-gst-1.0 gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice
gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
"""

import sys
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstWebRTC', '1.0')
gi.require_version('GstSdp', '1.0')
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

PUBLISH = '''
webrtcbin name=rtc bundle-policy=max-bundle
videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1
  ! videoconvert ! vp8enc deadline=1 keyframe-max-dist=250 target-bitrate=800000
  ! rtpvp8pay picture-id-mode=2 ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! rtc.
audiotestsrc is-live=true wave=sine freq=440 ! audioconvert ! opusenc
  ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! rtc.
'''
RECEIVED = {
    'video': 'application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000',
    'audio': 'application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,'
             'encoding-params=(string)2',
}


class Session:
    def __init__(self, what, url, token):
        self.url, self.token, self.location = url, token, None
        self.frames = {'video': 0, 'audio': 0}
        self.loop = GLib.MainLoop()
        if what == 'publish':
            self.pipeline = Gst.parse_launch(PUBLISH)
        else:
            self.pipeline = Gst.Pipeline.new()
            self.pipeline.add(Gst.parse_launch('webrtcbin name=rtc bundle-policy=max-bundle'))
        self.rtc = self.pipeline.get_by_name('rtc')
        if what == 'play':
            for caps in RECEIVED.values():
                self.rtc.emit('add-transceiver', GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
                              Gst.caps_from_string(caps))
            self.rtc.connect('pad-added', self.on_pad)
        else:
            index = 0
            while (transceiver := self.rtc.emit('get-transceiver', index)) is not None:
                transceiver.set_property(
                    'direction', GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
                index += 1
        self.rtc.connect('notify::ice-gathering-state', self.on_gathering)
        self.rtc.connect('notify::connection-state', self.on_state)
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add(500, self.offer)

    def offer(self):
        promise = Gst.Promise.new_with_change_func(self.on_offer, None)
        self.rtc.emit('create-offer', None, promise)
        return False

    def on_offer(self, promise, _):
        promise.wait()
        # What the reply holds goes with it.
        self.reply = promise.get_reply()
        offer = self.reply.get_value('offer')
        self.rtc.emit('set-local-description', offer, Gst.Promise.new())

    def on_gathering(self, *_):
        state = self.rtc.get_property('ice-gathering-state')
        if state == GstWebRTC.WebRTCICEGatheringState.COMPLETE and self.location is None:
            GLib.idle_add(self.exchange)

    def exchange(self):
        offer = self.rtc.get_property('local-description').sdp.as_text()
        response = self.request('POST', self.url, offer.encode())
        print(response.status, dict(response.headers))
        self.location = urllib.parse.urljoin(self.url, response.headers['Location'])
        _, sdp = GstSdp.SDPMessage.new_from_text(response.read().decode())
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.rtc.emit('set-remote-description', answer, Gst.Promise.new())
        return False

    def request(self, method, url, body=None):
        headers = {'Authorization': f'Bearer {self.token}', 'Content-Type': 'application/sdp'}
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            return urllib.request.urlopen(request)
        except urllib.error.HTTPError as refusal:
            sys.exit(f'{refusal.status} {refusal.read().decode()}\n{(body or b"").decode()}')

    def on_state(self, *_):
        print('connection', self.rtc.get_property('connection-state').value_nick)

    def on_pad(self, _, pad):
        decoder = Gst.ElementFactory.make('decodebin')
        decoder.connect('pad-added', self.on_decoded)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad('sink'))

    def on_decoded(self, _, pad):
        kind = pad.get_current_caps().to_string().split('/')[0]
        sink = Gst.ElementFactory.make('fakesink')
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad('sink'))
        pad.add_probe(Gst.PadProbeType.BUFFER, self.count, kind)
        print('decodes', pad.get_current_caps().to_string())

    def count(self, _pad, _info, kind):
        self.frames[kind] += 1
        return Gst.PadProbeReturn.OK

    def end(self):
        print('decoded', self.frames)
        if self.location:
            print('DELETE', self.request('DELETE', self.location).status)
        self.loop.quit()
        return False


def main():
    what, url, token = sys.argv[1:4]
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 15
    Gst.init(None)
    session = Session(what, url, token)
    GLib.timeout_add_seconds(seconds, session.end)
    session.loop.run()
    session.pipeline.set_state(Gst.State.NULL)


main()
