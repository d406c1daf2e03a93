/** The MQTT door: our own gateway for devices, 3.1.1 and 5.0, QoS 0 and 1. */
export {
  type MqttGateway,
  type MqttGatewayDeps,
  type MqttGatewayMetrics,
  startMqttGateway,
} from './gateway.ts';
