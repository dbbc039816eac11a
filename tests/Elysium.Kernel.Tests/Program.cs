using Elysium.Kernel.Tests;

// Outside the guest: starts it. Inside: the first of the tests finds the module not loaded yet.
return args.Length > 0
    ? await GuestHost.RunAsync(args)
    : Runner.Run([.. DeviceTests.All, .. PeerTests.All, .. RefusalTests.All, .. TunnelTests.All, .. ProductTests.All]);
