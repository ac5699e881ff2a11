// The part of libsrtp 3's interface that mediasoup calls, on top of libsrtp 2.5 (Debian's libsrtp2-dev).
// Three things differ: version 3 has an opaque policy object with setters where 2 has a struct; it protects
// from one buffer into another where 2 works in place; and it calls srtp_remove_stream() srtp_stream_remove().
// Written from the two public headers: every function below overloads or adds to version 2's.
#pragma once

#include <srtp2/srtp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace essaim
{
	struct SrtpPolicy
	{
		::srtp_policy_t v2{};
		uint8_t key[SRTP_MAX_KEY_LEN]{};
	};

	/** Copies `from` to `to` (same or distinct buffers) so that version 2 can work in place. */
	inline bool copyIn(const uint8_t* from, size_t fromLen, uint8_t* to, size_t roomLen)
	{
		if (fromLen > roomLen) return false;
		if (from != to) std::memmove(to, from, fromLen);
		return true;
	}

	template<typename Transform>
	inline srtp_err_status_t inPlace(
	  const uint8_t* from, size_t fromLen, uint8_t* to, size_t* toLen, size_t growthLen, Transform transform)
	{
		// Version 3 answers `buffer_small`; version 2 would write past the end.
		if (!copyIn(from, fromLen, to, *toLen) || *toLen - fromLen < growthLen)
			return static_cast<srtp_err_status_t>(28);

		int len                        = static_cast<int>(fromLen);
		const srtp_err_status_t status = transform(to, &len);

		if (status == srtp_err_status_ok) *toLen = static_cast<size_t>(len);
		return status;
	}
} // namespace essaim

// Statuses that only version 3 knows: the next free values of its enumeration.
constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

// From here on the name means version 3's handle; version 2's struct stays reachable inside `SrtpPolicy`.
using EssaimSrtpPolicyHandle = essaim::SrtpPolicy*;
#define srtp_policy_t EssaimSrtpPolicyHandle

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) essaim::SrtpPolicy();
	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (policy) std::memset(policy->key, 0, sizeof policy->key);
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->v2.ssrc = ssrc;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const auto status = srtp_crypto_policy_set_from_profile_for_rtp(&policy->v2.rtp, profile);
	if (status != srtp_err_status_ok) return status;
	return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->v2.rtcp, profile);
}

/** Version 2 takes key and salt as one run of bytes; master key identifiers are not used by mediasoup. */
inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	if (mkiLen != 0 || keyLen + saltLen > sizeof policy->key) return srtp_err_status_bad_param;

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->v2.key = policy->key;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allowed)
{
	policy->v2.allow_repeat_tx = allowed ? 1 : 0;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t packets)
{
	policy->v2.window_size = packets;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	// libsrtp 2 copies what it needs, so the policy may be destroyed afterwards, as in version 3.
	return srtp_create(session, &policy->v2);
}

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return essaim::inPlace(
	  rtp, rtpLen, srtp, srtpLen, SRTP_MAX_TRAILER_LEN, [session](uint8_t* data, int* len)
	  { return srtp_protect(session, data, len); });
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return essaim::inPlace(
	  rtcp, rtcpLen, srtcp, srtcpLen, SRTP_MAX_TRAILER_LEN + 4, [session](uint8_t* data, int* len)
	  { return srtp_protect_rtcp(session, data, len); });
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return essaim::inPlace(
	  srtp, srtpLen, rtp, rtpLen, 0, [session](uint8_t* data, int* len)
	  { return srtp_unprotect(session, data, len); });
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return essaim::inPlace(
	  srtcp, srtcpLen, rtcp, rtcpLen, 0, [session](uint8_t* data, int* len)
	  { return srtp_unprotect_rtcp(session, data, len); });
}

/** Both versions take the SSRC in network byte order. */
inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}
