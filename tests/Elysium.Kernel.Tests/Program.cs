using Elysium.Kernel.Tests;

return Runner.Run([.. DeviceTests.All]);
