using Elysium.Backend.Hosting;

return await Verbs.RunAsync(args);
