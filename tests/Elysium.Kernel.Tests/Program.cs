using Elysium.Kernel.Tests;

// The first of them finds the module not loaded yet.
return Runner.Run([.. DeviceTests.All, .. PeerTests.All, .. RefusalTests.All, .. TunnelTests.All]);
