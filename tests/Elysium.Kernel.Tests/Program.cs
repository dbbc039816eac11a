using Elysium.Kernel.Tests;

return args switch
{
    // Outside the guest: starts it.
    ["lab", .. var emulator] => await GuestHost.RunAsync(emulator),

    // Inside. The first of the tests finds the module not loaded yet.
    ["tests"] => Runner.Run([.. DeviceTests.All, .. PeerTests.All, .. RefusalTests.All, .. TunnelTests.All, .. ProductTests.All]),
    ["figures"] => KernelFigures.Print(),
    _ => throw new ArgumentException("Usage: lab EMULATOR…, tests or figures; scripts/guest.sh does all of it."),
};
