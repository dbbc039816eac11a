namespace Elysium.WireGuard;

/// <summary>An engine refused a request, or its answer makes no sense.</summary>
/// <param name="Errno">The engine's error number (errno(3)), always positive; 0 where the answer itself is at fault.</param>
/// <param name="Message">What is wrong, without secrets.</param>
public sealed record UapiError(int Errno, string Message);
